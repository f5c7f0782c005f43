package main_test

import (
	"net/http"
	"strings"
	"testing"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
)

// spectate connects as a spectator, who need not be the player that they are.
func (c *player) spectate(code string) *viewer {
	c.t.Helper()
	v := &viewer{t: c.t}
	var err error
	v.Connection, err = c.account.Watch(c.t.Context(), code, client.Options{Handlers: client.Handlers{Unit: func(u *client.Unit) {
		v.frames.Add(1)
		if u.Key {
			v.keys.Add(1)
		}
	}}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(v.close)
	v.await(1)
	return v
}

// TestSharedSession plays one session with a guest and a spectator. Only the
// host's coming and going is the session's, and only they are billed.
func TestSharedSession(t *testing.T) {
	t.Parallel() // it waits most of the time
	database := openDatabase(t)
	data := dataIn(t)
	p := up(t, data, "--postgres", database.url())
	one, two := p.signIn("player1"), p.signIn("player2")
	id := one.request("latency-lab")
	one.await(id, events.SessionIsReady)
	session, err := events.ParseSessionID(id)
	if err != nil {
		t.Fatal(err)
	}
	stream := streamOf(t, id)
	host := one.connect(id)
	one.await(id, events.SessionIsActive)

	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	toPlay, err := one.account.Invite(t.Context(), session, events.InvitationToPlay)
	must(err)
	toWatch, err := one.account.Invite(t.Context(), session, events.InvitationToWatch)
	must(err)
	joined, err := two.account.Join(t.Context(), toPlay)
	must(err)
	if joined != session {
		t.Fatalf("the code leads to %s", joined)
	}
	guest, spectator := two.connect(id), two.spectate(toWatch)
	for _, v := range []*viewer{host, guest, spectator} {
		v.await(30)
	}
	must(one.account.Control(t.Context(), session, "player2", true, 1))
	spectator.press("KeyC") // in vain
	guest.press("KeyB")

	// The session is its host's: without them it is interrupted, whoever else is
	// there, and those go on seeing it.
	host.leave()
	one.await(id, events.SessionIsBroken)
	guest.await(30)
	spectator.await(30)
	host = one.connect(id)
	one.await(id, events.SessionIsActive)
	guest.leave()
	host.await(10)
	if got := two.await(id, events.SessionIsActive); got.Player != "player1" {
		t.Errorf("the guest's seat shows %+v", got)
	}
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	one.awaitBilled(id)

	log := p.log()
	of := facts(t, log)
	if got := len(find[events.SessionActivated](of, stream)); got != 2 {
		t.Errorf("the session was activated %d times, want by its host twice", got)
	}
	for _, metered := range find[events.PlaytimeMetered](of, events.AccountStream("player2")) {
		t.Errorf("the guest was billed: %+v", metered)
	}
	for _, one := range of {
		if proposed, err := events.Encode(events.EventID{}, one.event, events.Metadata{}); err != nil ||
			strings.Contains(string(proposed.Data), toPlay) || strings.Contains(string(proposed.Data), toWatch) {
			t.Errorf("an event holds a code: %+v, %v", one.event, err)
		}
	}
	slotsHeld(t, p, 0)
	database.follows(t, p.log)
	for _, code := range []string{toPlay, toWatch} {
		if r := two.do(http.MethodGet, p.url+"/v1/invitations/"+code, nil); r.StatusCode != http.StatusNotFound {
			t.Errorf("a code opens what has ended: %s", r)
		}
	}
	p.stop()
}
