package gateway_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
)

// keyring has players' keys in memory.
type keyring struct {
	mu     sync.Mutex
	keys   map[events.PlayerID]events.SealingKey
	erased map[events.PlayerID]bool
	broken error
}

var _ gateway.Keys = (*keyring)(nil)

func newKeyring() *keyring {
	return &keyring{keys: map[events.PlayerID]events.SealingKey{}, erased: map[events.PlayerID]bool{}}
}

func (k *keyring) Key(_ context.Context, of events.PlayerID) (events.SealingKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.broken != nil:
		return events.SealingKey{}, k.broken
	case k.erased[of]:
		return events.SealingKey{}, player.ErrErased
	}
	key, found := k.keys[of]
	if !found {
		if _, err := rand.Read(key[:]); err != nil {
			return key, err
		}
		k.keys[of] = key
	}
	return key, nil
}

func (k *keyring) change(how func(*keyring)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	how(k)
}

// titles are those of all clips of a recording, as it is shown by itself. The
// list of all shows the same.
func (c *client) titles(id string) string {
	c.t.Helper()
	type shown struct{ Clips []struct{ Title string } }
	var (
		one shown
		all struct{ Recordings []shown }
	)
	c.get("/v1/recordings/"+id+"?position="+decimal(c.head())).into(http.StatusOK, &one)
	c.get("/v1/recordings").into(http.StatusOK, &all)
	join := func(of shown) string {
		var titles []string
		for _, clip := range of.Clips {
			titles = append(titles, clip.Title)
		}
		return strings.Join(titles, ", ")
	}
	if len(all.Recordings) == 1 && join(all.Recordings[0]) != join(one) {
		c.t.Errorf("the list shows %q, the recording %q", join(all.Recordings[0]), join(one))
	}
	return join(one)
}

func TestAClipsTitleIsSealed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	owner := s.as(t, "player1")
	_, id := owner.recorded()
	at := "/v1/recordings/" + id
	longest := strings.Repeat("🎮", recording.MaxTitle)
	owner.send(at+"/clips", `{"title":" The jump ","fromMs":0,"toMs":500}`).is(http.StatusCreated)
	owner.send(at+"/clips", `{"title":"`+longest+`","fromMs":1,"toMs":500}`).is(http.StatusCreated)
	s.appendsNothing(t, func() {
		for _, title := range []string{"", "  ", longest + "!", strings.Repeat("x", 1_000)} {
			owner.send(at+"/clips", `{"title":"`+title+`","fromMs":0,"toMs":500}`).refused(http.StatusBadRequest, "clip-title-invalid")
		}
	})
	if got := owner.titles(id); got != "The jump, "+longest {
		t.Errorf("the titles are %q", got)
	}
	if got := s.as(t, "support1").titles(id); got != "The jump, "+longest {
		t.Errorf("to support the titles are %q", got)
	}
	one, err := events.ParseRecordingID(id)
	if err != nil {
		t.Fatal(err)
	}
	for recorded, err := range s.store.Read(t.Context(), events.RecordingStream(one), 0) {
		if err != nil || bytes.Contains(recorded.Data, []byte("jump")) {
			t.Errorf("it is kept as %s, %v", recorded.Data, err)
		}
	}
}

// TestTitlesAreGoneWithTheirKey erases the player: their clips are shown, as
// long as they are there, without titles.
func TestTitlesAreGoneWithTheirKey(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	owner := s.as(t, "player1")
	_, id := owner.recorded()
	at := "/v1/recordings/" + id
	const cut = `{"title":"The jump","fromMs":0,"toMs":500}`
	owner.send(at+"/clips", cut).is(http.StatusCreated)

	s.keys.change(func(k *keyring) { k.broken = errors.New("the master key is another one") })
	owner.get(at+"?position="+decimal(s.head())).refused(http.StatusInternalServerError, "internal")
	owner.get("/v1/recordings").refused(http.StatusInternalServerError, "internal")
	owner.get(at + "/index.m3u8").is(http.StatusOK)
	s.appendsNothing(t, func() { owner.send(at+"/clips", cut).refused(http.StatusInternalServerError, "internal") })
	s.keys.change(func(k *keyring) { k.broken = nil })
	if got := owner.titles(id); got != "The jump" {
		t.Errorf("the title is %q", got)
	}

	s.keys.change(func(k *keyring) { k.keys["player1"] = events.SealingKey{1} })
	if got := owner.titles(id); got != "" {
		t.Errorf("with another key the title is %q", got)
	}
	s.keys.change(func(k *keyring) { k.erased["player1"] = true })
	if got := owner.titles(id); got != "" {
		t.Errorf("without a key the title is %q", got)
	}
	s.appendsNothing(t, func() { owner.send(at+"/clips", cut).refused(http.StatusConflict, "player-erased") })
}
