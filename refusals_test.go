package main_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// TestRefusals: whatever a client gets wrong is answered with a problem that
// says so, and nothing of it is appended.
func TestRefusals(t *testing.T) {
	p := up(t, dataIn(t), append(withGames(t), "--slots", "1")...)
	one, two, analyst := p.signIn("player1"), p.signIn("player2"), p.signIn("analyst1")
	over := one.request("saver")
	one.await(over, events.SessionIsReady)
	one.steer(over, "end")
	one.await(over, events.SessionIsEnded)
	live := one.request("saver")
	one.await(live, events.SessionIsReady)
	slotsHeld(t, p, 1)
	nobody, forged := &player{t: t, url: p.url, http: one.http}, *one
	forged.token = forged.token[:len(forged.token)-8] + "AAAAAAAA"

	sessions, of := "/v1/sessions", func(id, what string) string { return "/v1/sessions/" + id + "/" + what }
	// Who is connected is recorded meanwhile, and nobody's wish.
	recorded := func() []fact {
		return slices.DeleteFunc(facts(t, p.log()), func(f fact) bool { return strings.HasPrefix(string(f.Stream), "presence-") })
	}
	before := len(recorded())
	for _, c := range []struct {
		name         string
		as           *player
		method, path string
		body         any
		status       int
		code         string
	}{
		{"unknown game", one, "POST", sessions, wish("chess"), 404, "unknown-game"},
		{"no game's name", one, "POST", sessions, wish("../saver"), 404, "unknown-game"},
		{"unavailable game", one, "POST", sessions, wish("absent"), 409, "game-unavailable"},
		{"no body", one, "POST", sessions, nil, 415, "media-type-invalid"},
		{"not JSON", one, "POST", sessions, sdp("v=0"), 415, "media-type-invalid"},
		{"another JSON", one, "POST", sessions, []string{"saver"}, 400, "body-invalid"},
		{"large JSON", one, "POST", sessions, wish(strings.Repeat("x", 5<<10)), 413, "body-too-large"},
		{"no token", nobody, "POST", sessions, wish("saver"), 401, "sign-in-required"},
		{"forged token", &forged, "POST", sessions, wish("saver"), 401, "token-invalid"},
		{"not a player", analyst, "POST", sessions, wish("saver"), 403, "not-permitted"},
		{"somebody else's end", two, "POST", of(live, "end"), nil, 403, "session-not-yours"},
		{"somebody else's picture", two, "POST", of(live, "whep"), sdp("v=0"), 403, "session-not-yours"},
		{"somebody else's session", two, "GET", "/v1/sessions/" + live, nil, 403, "session-not-yours"},
		{"second end", one, "POST", of(over, "end"), nil, 409, "session-over"},
		{"pause before play", one, "POST", of(live, "pause"), nil, 409, "session-not-now"},
		{"end of no session", one, "POST", of(uuid.NewString(), "end"), nil, 404, "unknown-session"},
		{"end of no id", one, "POST", of("latest", "end"), nil, 404, "unknown-session"},
		{"no SDP", one, "POST", of(live, "whep"), sdp("hello"), 400, "not-sdp"},
		{"SDP as JSON", one, "POST", of(live, "whep"), wish("saver"), 415, "media-type-invalid"},
		{"SDP without a picture", one, "POST", of(live, "whep"), sdp("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"), 400, "offer-refused"},
		{"SDP without H.264", one, "POST", of(live, "whep"), sdp(offerOf("96 VP8/90000")), 400, "offer-refused"},
		{"large SDP", one, "POST", of(live, "whep"), sdp(strings.Repeat("a", 65<<10)), 413, "body-too-large"},
		{"picture of what is over", one, "POST", of(over, "whep"), sdp("v=0"), 409, "session-not-running"},
		{"no peer", one, "DELETE", of(live, "whep/"+uuid.NewString()), nil, 404, "unknown-peer"},
		{"no address", one, "GET", "/v1/everything", nil, 404, "no-such-address"},
		{"no position", one, "GET", "/v1/sessions?position=yesterday", nil, 400, "parameter-invalid"},
		{"no cursor", one, "GET", "/v1/sessions?cursor=yesterday", nil, 400, "cursor-invalid"},
		{"no page", one, "GET", "/v1/sessions?limit=1000", nil, 400, "parameter-invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := c.as.do(c.method, p.url+c.path, c.body)
			var problem struct {
				Type, Title, Code string
				Status            int
			}
			if err := json.Unmarshal(answer.body, &problem); err != nil {
				t.Fatalf("%s: %v", answer, err)
			}
			if answer.StatusCode != c.status || problem.Status != c.status || problem.Code != c.code || problem.Title == "" ||
				answer.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %s, want %d and a problem %q", answer.Header.Get("Content-Type"), answer, c.status, c.code)
			}
		})
	}
	t.Run("no command's id", func(t *testing.T) {
		answer := one.do(http.MethodPost, p.url+sessions, wish("saver"), "Command-Id", "42")
		one.must(http.StatusBadRequest, answer, nil)
	})
	if after := recorded(); len(after) != before {
		t.Errorf("the refusals have appended %v", after[before:])
	}
	one.steer(live, "end")
	one.await(live, events.SessionIsEnded)
	p.stop()
}

func wish(game string) any { return map[string]string{"game": game} }

// slotsHeld waits until the log says that so many slots are held.
func slotsHeld(t *testing.T, p *product, want int) {
	t.Helper()
	eventually(t, "the slots to be taken and freed", func() (bool, any) {
		all := facts(t, p.log())
		held := len(find[events.SlotReserved](all, "worker-worker-1")) - len(find[events.SlotReleased](all, "worker-worker-1"))
		return held == want, held
	})
}

// TestReturn: a player who is lost, with or without a farewell, finds the
// session as it was, and is not billed for the time between.
func TestReturn(t *testing.T) {
	p := up(t, dataIn(t), withGames(t)...)
	one := p.signIn("player1")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	view := one.connect(id)
	one.await(id, events.SessionIsActive)
	game := p.gameOf(id)
	view.leave()
	one.await(id, events.SessionIsBroken)
	view = one.connect(id)
	one.await(id, events.SessionIsActive)
	view.close() // as a browser does that is closed
	one.await(id, events.SessionIsBroken)
	one.connect(id)
	one.await(id, events.SessionIsActive)
	// A second page takes over; the first one's end is of no concern.
	one.connect(id).await(10)
	if again := p.gameOf(id); again.pid != game.pid {
		t.Errorf("the game is %s, and was %s", again, game)
	}
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	done := one.awaitBilled(id)

	all := facts(t, p.log())
	var segments int
	var played int64
	for _, metered := range find[events.PlaytimeMetered](all, "account-player1") {
		segments++
		played += metered.Segment.Duration().Milliseconds()
		if metered.Segment.Number != segments {
			t.Errorf("segment %d is metered as number %d", segments, metered.Segment.Number)
		}
	}
	if segments != 3 || played != done.BilledMs {
		t.Errorf("%d segments of %d ms are metered, and %d ms billed, want 3 of the same", segments, played, done.BilledMs)
	}
	p.stop()
}
