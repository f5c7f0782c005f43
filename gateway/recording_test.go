package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
)

// shelf has the same for every recording, and remembers what it was asked for.
type shelf struct {
	mu    sync.Mutex
	asked []string
}

var _ gateway.Recordings = (*shelf)(nil)

func (s *shelf) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, what)
}

// send posts a body of JSON.
func (c *client) send(path, body string) answer {
	c.t.Helper()
	return c.do(ask{method: http.MethodPost, path: path, body: body})
}

// is holds the status.
func (a answer) is(status int) {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("the answer is %d %s, want %d", a.status, a.body, status)
	}
}

func (s *shelf) Playlist(_ context.Context, _ events.RecordingID, span gateway.Span, prefix string) ([]byte, error) {
	s.note(fmt.Sprintf("playlist %v", span))
	return []byte("#EXTM3U\n" + prefix + "0.m4s\n"), nil
}

func (s *shelf) Part(_ context.Context, _ events.RecordingID, name string) (io.ReadSeekCloser, time.Time, error) {
	s.note("part " + name)
	if name != "0.m4s" {
		return nil, time.Time{}, &events.Fault{Kind: events.NotFound, Code: "recording-not-kept", Message: "There is none."}
	}
	return memory{bytes.NewReader([]byte("a segment"))}, time.Time{}, nil
}

func (s *shelf) Movie(_ context.Context, _ events.RecordingID, span gateway.Span) (io.ReadSeekCloser, error) {
	s.note(fmt.Sprintf("movie %v", span))
	return memory{bytes.NewReader([]byte("a whole movie"))}, nil
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// recorded is a finished recording of 10 s, of a session that is played.
func (c *client) recorded() (played events.SessionID, id string) {
	c.t.Helper()
	played = c.play()
	issue(c.stack, session.Activate{Session: played})
	c.send("/v1/sessions/"+played.String()+"/recording", `{"consent":true}`).is(http.StatusOK)
	id = c.recordingOf(played)
	one, err := events.ParseRecordingID(id)
	if err != nil {
		c.t.Fatal(err)
	}
	var found struct{ Player events.PlayerID }
	c.get("/v1/sessions/"+played.String()).into(http.StatusOK, &found)
	issue(c.stack, recording.Open{Recording: one, Session: played, Player: found.Player, Game: doom, Title: "Doom", Worker: worker})
	issue(c.stack, recording.Finish{Worker: worker, Finished: events.RecordingFinished{
		Recording: one, Reason: events.RecordingStopped, Footage: events.Footage{Length: 10_000, Bytes: 5_000, Segments: 3}, Width: 640, Height: 480, Codec: "H264",
	}})
	return played, id
}

// recordingOf is what the session's state says.
func (c *client) recordingOf(id events.SessionID) string {
	c.t.Helper()
	var found struct{ Recording string }
	c.get("/v1/sessions/"+id.String()+"?position="+decimal(c.head())).into(http.StatusOK, &found)
	return found.Recording
}

func TestASessionIsRecordedWithConsent(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	issue(s, session.Activate{Session: id})
	at := "/v1/sessions/" + id.String() + "/recording"
	s.appendsNothing(t, func() {
		player.send(at, `{"consent":false}`).refused(http.StatusBadRequest, "consent-missing")
		player.send(at, `{}`).refused(http.StatusBadRequest, "consent-missing")
		s.as(t, "support1").send(at, `{"consent":true}`).refused(http.StatusForbidden, "session-not-yours")
	})
	const again = "01970000-0000-7000-8000-00000000abcd"
	for range 2 {
		player.do(ask{method: http.MethodPost, path: at, body: `{"consent":true}`, header: map[string]string{"Command-Id": again}}).is(http.StatusOK)
	}
	if player.recordingOf(id) == "" {
		t.Error("the session does not say that it is recorded")
	}
	player.send(at, `{"consent":true}`).refused(http.StatusConflict, "recorded-already")
	player.do(ask{method: http.MethodDelete, path: at}).is(http.StatusOK)
	if left := player.recordingOf(id); left != "" {
		t.Errorf("the session is still recorded: %s", left)
	}
	story := s.story(id)
	if got := slices.DeleteFunc(slices.Clone(story), func(e string) bool { return !strings.Contains(e, "Recording") }); len(got) != 2 {
		t.Errorf("the story is %v", story)
	}
	issue(s, session.Finish{Session: id, Reason: events.EndedByGame})
	player.send(at, `{"consent":true}`).refused(http.StatusConflict, "session-over")
}

func TestARecordingIsListedCutAndDeleted(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	_, id := player.recorded()
	at := "/v1/recordings/" + id
	var page struct {
		Recordings []struct {
			ID, State, Codec string
			LengthMs         int64
			KeptUntil        time.Time
			Clips            []struct {
				ID, Title    string
				FromMs, ToMs int64
			}
		}
		Bytes, MaxBytes int64
	}
	player.get("/v1/recordings?position="+decimal(s.head())).into(http.StatusOK, &page)
	if len(page.Recordings) != 1 || page.Recordings[0].ID != id || page.Recordings[0].LengthMs != 10_000 || page.Bytes != 5_000 || page.MaxBytes != 1<<30 ||
		time.Until(page.Recordings[0].KeptUntil) < 23*time.Hour {
		t.Errorf("the page is %+v", page)
	}
	for body, code := range map[string]string{
		`{"title":"x","fromMs":5000,"toMs":4000}`:   "clip-span-invalid",
		`{"title":"x","fromMs":0,"toMs":10001}`:     "clip-span-invalid",
		`{"title":"x","fromMs":-1,"toMs":500}`:      "clip-span-invalid",
		`{"title":"","fromMs":0,"toMs":500}`:        "clip-title-invalid",
		`{"title":"x","fromMs":0.5,"toMs":"later"}`: "body-invalid",
	} {
		s.appendsNothing(t, func() { player.send(at+"/clips", body).refused(http.StatusBadRequest, code) })
	}
	player.send(at+"/clips", `{"title":"The jump","fromMs":1500,"toMs":4250}`).is(http.StatusCreated)
	player.get("/v1/recordings?position="+decimal(s.head())).into(http.StatusOK, &page)
	if clips := page.Recordings[0].Clips; len(clips) != 1 || clips[0].Title != "The jump" || clips[0].ToMs != 4250 {
		t.Errorf("the clips are %+v", clips)
	}
	s.as(t, "support1").do(ask{method: http.MethodDelete, path: at}).refused(http.StatusForbidden, "recording-not-yours")
	player.do(ask{method: http.MethodDelete, path: at}).is(http.StatusOK)
	player.get(at+"?position="+decimal(s.head())).refused(http.StatusNotFound, "unknown-recording")
	player.get(at+"/parts/0.m4s").refused(http.StatusNotFound, "unknown-recording")
}

func TestWhoWatchesARecording(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	_, id := player.recorded()
	at := "/v1/recordings/" + id
	player.get(at + "?position=" + decimal(s.head())).is(http.StatusOK)
	for _, part := range []string{"", "/index.m3u8", "/parts/0.m4s"} {
		player.get(at + part).is(http.StatusOK)
		s.as(t, "support1").get(at + part).is(http.StatusOK)
		s.as(t, "analyst1").get(at+part).refused(http.StatusForbidden, "recording-not-yours")
	}
	if got := player.get(at + "/index.m3u8"); string(got.body) != "#EXTM3U\nparts/0.m4s\n" || got.header.Get("Content-Type") != "application/vnd.apple.mpegurl" {
		t.Errorf("the playlist is %q, %v", got.body, got.header)
	}
	ranged := player.do(ask{method: http.MethodGet, path: at + "/parts/0.m4s", header: map[string]string{"Range": "bytes=2-4"}})
	if ranged.status != http.StatusPartialContent || string(ranged.body) != "seg" {
		t.Errorf("the range is answered with %d, %q", ranged.status, ranged.body)
	}
	player.get(at+"/parts/manifest.json").refused(http.StatusNotFound, "recording-not-kept")
	player.get("/v1/recordings/none/index.m3u8").refused(http.StatusNotFound, "unknown-recording")
	player.get(at+"/index.m3u8?clip=none").refused(http.StatusNotFound, "unknown-clip")
}

func TestLinksAreGoodForWhatTheyWereGivenFor(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	_, id := player.recorded()
	at := "/v1/recordings/" + id
	var cut struct{ Clip, Position string }
	player.send(at+"/clips", `{"title":"The jump","fromMs":1500,"toMs":4250}`).into(http.StatusCreated, &cut)
	player.get(at + "?position=" + cut.Position).is(http.StatusOK)
	link := func(query string) *url.URL {
		var given struct{ URL string }
		if err := json.Unmarshal(player.send(at+"/link"+query, "").body, &given); err != nil {
			t.Fatal(err)
		}
		address, err := url.Parse(given.URL)
		if err != nil {
			t.Fatal(err)
		}
		return address
	}
	nobody := s.with(t, "")
	whole, clip := link(""), link("?clip="+cut.Clip)
	if got := nobody.get(whole.String()); string(got.body) != "a whole movie" || !strings.Contains(got.header.Get("Content-Disposition"), `filename="doom-`) {
		t.Errorf("the file is %q, %v", got.body, got.header)
	}
	nobody.get(clip.String()).is(http.StatusOK)
	if last := s.tapes.asked[len(s.tapes.asked)-1]; last != "movie {1500 4250}" {
		t.Errorf("the store was asked for %s", last)
	}
	for name, change := range map[string]func(url.Values){
		"later":         func(q url.Values) { q.Set("expires", "99999999999") },
		"over":          func(q url.Values) { q.Set("expires", "1") },
		"other content": func(q url.Values) { q.Set("clip", cut.Clip) },
		"forged":        func(q url.Values) { q.Set("signature", strings.Repeat("A", 43)) },
	} {
		wrong, query := *whole, whole.Query()
		change(query)
		wrong.RawQuery = query.Encode()
		t.Run(name, func(t *testing.T) { s.with(t, "").get(wrong.String()).refused(http.StatusForbidden, "link-invalid") })
	}
	s.as(t, "analyst1").send(at+"/link", "").refused(http.StatusForbidden, "recording-not-yours")
	player.do(ask{method: http.MethodDelete, path: at}).is(http.StatusOK)
	player.get("/v1/recordings?position=" + decimal(s.head())).is(http.StatusOK)
	nobody.get(whole.String()).refused(http.StatusNotFound, "unknown-recording")
}

// recordingOperations are those of operations that are about recordings; apart,
// as the issuer is asked for its keys so often only.
func recordingOperations(id string) []ask {
	at := "/v1/sessions/" + id
	return []ask{
		{method: http.MethodPost, path: at + "/recording", body: `{"consent":true}`},
		{method: http.MethodDelete, path: at + "/recording"},
		{method: http.MethodGet, path: "/v1/recordings"},
		{method: http.MethodGet, path: "/v1/recordings/" + id},
		{method: http.MethodDelete, path: "/v1/recordings/" + id},
		{method: http.MethodPost, path: "/v1/recordings/" + id + "/clips", body: `{"title":"t","fromMs":0,"toMs":1000}`},
		{method: http.MethodPost, path: "/v1/recordings/" + id + "/link"},
		{method: http.MethodGet, path: "/v1/recordings/" + id + "/index.m3u8"},
		{method: http.MethodGet, path: "/v1/recordings/" + id + "/parts/0.m4s"},
	}
}

func TestEveryOperationOnRecordingsNeedsAToken(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	good := signIns.token(t, "player1")
	for token, code := range map[string]string{"": "sign-in-required", good[:len(good)-8] + "AAAAAAAA": "token-invalid"} {
		s.appendsNothing(t, func() {
			for _, operation := range recordingOperations(events.NewSessionID().String()) {
				s.with(t, token).do(operation).refused(http.StatusUnauthorized, code)
			}
		})
	}
	nobody := s.with(t, "")
	nobody.get("/v1/recordings/"+events.NewSessionID().String()+"/movie.mp4?expires=99999999999&signature=x").
		refused(http.StatusForbidden, "link-invalid")
}

// Where nothing is kept nothing is recorded, and the page is told so.
func TestRecordingsThatAreOff(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.untaped = true })
	player := s.as(t, "player1")
	id := player.play()
	issue(s, session.Activate{Session: id})
	s.appendsNothing(t, func() {
		player.send("/v1/sessions/"+id.String()+"/recording", `{"consent":true}`).refused(http.StatusConflict, "recordings-off")
	})
	var config struct{ Recordings bool }
	if player.get("/v1/config").into(http.StatusOK, &config); config.Recordings {
		t.Error("the page is told that sessions can be recorded")
	}
}
