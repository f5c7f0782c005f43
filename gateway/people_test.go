package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
)

// given is the answer to an invitation.
type given struct{ Invitation, Kind, Code, Position string }

// invite gives an invitation to a session, which the read side then knows.
func (c *client) invite(id events.SessionID, kind string) given {
	c.t.Helper()
	var got given
	c.do(ask{method: http.MethodPost, path: "/v1/sessions/" + id.String() + "/invitations", body: `{"kind":"` + kind + `"}`}).
		into(http.StatusCreated, &got)
	if len(got.Code) != 22 || got.Kind != kind {
		c.t.Fatalf("got the invitation %+v", got)
	}
	c.seen(id, position(c.t, got.Position))
	return got
}

// people are those of a session as somebody sees them.
type people struct {
	Host   string
	Guests []struct {
		Player, Name string
		Keyboard     bool
		Pads         int
	}
	Invitations []struct{ ID, Kind string }
}

func (c *client) people(id events.SessionID, at string) people {
	c.t.Helper()
	var body struct{ People people }
	c.get("/v1/sessions/"+id.String()+"?position="+at).into(http.StatusOK, &body)
	return body.People
}

func TestAGuestJoinsIsGivenControlAndGoes(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	host, guest := s.as(t, "player1"), s.as(t, "player2")
	id := host.play()
	at := "/v1/sessions/" + id.String()
	guest.get(at).refused(http.StatusForbidden, "session-not-yours")
	invitation := host.invite(id, "play")

	var invited struct{ Kind, Title, State, Host string }
	s.with(t, "").get("/v1/invitations/"+invitation.Code).into(http.StatusOK, &invited)
	if invited.Kind != "play" || invited.Title != "Doom" || invited.State != "ready" || invited.Host == "" {
		t.Errorf("the code opens %+v", invited)
	}
	s.with(t, "").post("/v1/invitations/"+invitation.Code).refused(http.StatusUnauthorized, "sign-in-required")
	guest.post("/v1/invitations/AAAAAAAAAAAAAAAAAAAAAA").refused(http.StatusNotFound, "invitation-unknown")
	host.post("/v1/invitations/"+invitation.Code).refused(http.StatusConflict, "session-is-yours")
	var done accepted
	guest.post("/v1/invitations/"+invitation.Code).into(http.StatusOK, &done)

	seen := guest.people(id, done.Position)
	if len(seen.Guests) != 1 || seen.Guests[0].Player != "player2" || seen.Guests[0].Pads != 1 || seen.Guests[0].Keyboard ||
		seen.Guests[0].Name == "" || seen.Host == "" || len(seen.Invitations) != 0 {
		t.Errorf("the guest sees %+v", seen)
	}
	var joined struct{ Sessions []shown }
	guest.get("/v1/guest-sessions").into(http.StatusOK, &joined)
	if len(joined.Sessions) != 1 || joined.Sessions[0].ID != id.String() {
		t.Errorf("the guest is in %+v", joined)
	}
	if got := guest.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp}); got.status != http.StatusCreated {
		t.Errorf("the guest connects: %d %s", got.status, got.body)
	}
	if got := s.media.seated; len(got) != 1 || got[0] != events.GuestSeat("player2") {
		t.Errorf("the worker hears of %v", got)
	}

	guest.do(ask{method: http.MethodPut, path: at + "/guests/player2", body: `{"keyboard":true,"pads":1}`}).
		refused(http.StatusForbidden, "session-not-yours")
	host.do(ask{method: http.MethodPut, path: at + "/guests/player2", body: `{"keyboard":true,"pads":5}`}).
		refused(http.StatusBadRequest, "pads-invalid")
	host.do(ask{method: http.MethodPut, path: at + "/guests/player3", body: `{"keyboard":true,"pads":1}`}).
		refused(http.StatusNotFound, "guest-unknown")
	host.do(ask{method: http.MethodPut, path: at + "/guests/player2", body: `{"keyboard":true,"pads":2}`}).into(http.StatusOK, &done)
	if seen := host.people(id, done.Position); len(seen.Guests) != 1 || !seen.Guests[0].Keyboard || seen.Guests[0].Pads != 2 ||
		len(seen.Invitations) != 1 || seen.Invitations[0].ID != invitation.Invitation {
		t.Errorf("the host sees %+v", seen)
	}
	host.do(ask{method: http.MethodDelete, path: at + "/invitations/" + invitation.Invitation + "?remove=true"}).into(http.StatusOK, &done)
	if seen := host.people(id, done.Position); len(seen.Guests)+len(seen.Invitations) != 0 {
		t.Errorf("the host sees %+v after all is withdrawn", seen)
	}
	guest.get(at).refused(http.StatusForbidden, "session-not-yours")
	guest.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp}).refused(http.StatusForbidden, "session-not-yours")
}

func TestAnybodyWatchesFromAnywhere(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	host, nobody := s.as(t, "player1"), s.with(t, "")
	id := host.play()
	invitation := host.invite(id, "watch")
	at := "/v1/watch/" + invitation.Code + "/whep"
	elsewhere := map[string]string{"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
	with := func(more map[string]string) map[string]string {
		all := map[string]string{}
		for _, headers := range []map[string]string{elsewhere, more} {
			for name, value := range headers {
				all[name] = value
			}
		}
		return all
	}
	preflight := nobody.do(ask{method: http.MethodOptions, path: at, header: with(map[string]string{"Access-Control-Request-Method": "POST"})})
	if preflight.status != http.StatusNoContent || preflight.header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(preflight.header.Get("Access-Control-Allow-Headers"), "Content-Type") {
		t.Errorf("the preflight: %d %v", preflight.status, preflight.header)
	}
	got := nobody.do(ask{method: http.MethodPost, path: at, body: "v=0", header: with(sdp)})
	if got.status != http.StatusCreated || got.header.Get("Location") != at+"/other" || got.header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(got.header.Get("Access-Control-Expose-Headers"), "Location") || got.header.Get("Set-Cookie") != "" {
		t.Fatalf("got %d %v: %s", got.status, got.header, got.body)
	}
	if seat := s.media.seated[0]; seat.Role != events.SeatOfSpectator || seat.Invitation.String() != invitation.Invitation {
		t.Errorf("the worker hears of %+v", seat)
	}
	peer := got.header.Get("Location")
	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		header := map[string]string{"Content-Type": fragment["Content-Type"], "If-Match": `"one"`}
		got := nobody.do(ask{method: method, path: peer, body: "a=x", header: with(header)})
		got.refused(http.StatusNotFound, "unknown-peer") // which is the host's
		if got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %v", method, got.header)
		}
	}
	refused := nobody.do(ask{method: http.MethodPost, path: "/v1/watch/AAAAAAAAAAAAAAAAAAAAAA/whep", body: "v=0", header: with(sdp)})
	refused.refused(http.StatusNotFound, "invitation-unknown")
	play := host.invite(id, "play")
	nobody.do(ask{method: http.MethodPost, path: "/v1/watch/" + play.Code + "/whep", body: "v=0", header: sdp}).
		refused(http.StatusNotFound, "invitation-unknown")
	nobody.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: with(sdp)}).refused(http.StatusForbidden, "other-site")
}

// A guest who has learnt the name of the host's peer can't move or close it.
func TestAPeerIsItsOwnSeats(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	host, guest := s.as(t, "player1"), s.as(t, "player2")
	id := host.play()
	var done accepted
	guest.post("/v1/invitations/"+host.invite(id, "play").Code).into(http.StatusOK, &done)
	guest.people(id, done.Position)
	got := host.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp})
	peer := got.header.Get("Location")
	if got.status != http.StatusCreated || peer == "" {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	for _, tag := range []string{`"one"`, "*"} {
		header := map[string]string{"Content-Type": fragment["Content-Type"], "If-Match": tag}
		guest.do(ask{method: http.MethodPatch, path: peer, body: "a=x", header: header}).refused(http.StatusNotFound, "unknown-peer")
	}
	guest.do(ask{method: http.MethodDelete, path: peer}).refused(http.StatusNotFound, "unknown-peer")
	if got := host.do(ask{method: http.MethodDelete, path: peer}); got.status != http.StatusNoContent {
		t.Errorf("the host leaves: %d %s", got.status, got.body)
	}
}

// The log tells nobody a code, and no code opens what has ended.
func TestCodesAreInNoEventAndEndWithTheSession(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	host := s.as(t, "player1")
	id := host.play()
	invitation := host.invite(id, "watch")
	for recorded, err := range s.store.Read(t.Context(), events.SessionStream(id), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(recorded.Data)+string(recorded.Metadata), invitation.Code) {
			t.Errorf("%s holds the code", recorded.Type)
		}
	}
	var done accepted
	host.post("/v1/sessions/"+id.String()+"/end").into(http.StatusOK, &done)
	host.seen(id, position(t, done.Position))
	host.get("/v1/invitations/"+invitation.Code).refused(http.StatusNotFound, "invitation-unknown")
}

func TestGuessingIsBounded(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway = slowed(with.gateway) })
	nobody := s.with(t, "")
	for range 5 * 10 {
		nobody.get("/v1/invitations/AAAAAAAAAAAAAAAAAAAAAA").refused(http.StatusNotFound, "invitation-unknown")
	}
	got := nobody.get("/v1/invitations/BBBBBBBBBBBBBBBBBBBBBB")
	got.refused(http.StatusTooManyRequests, "too-many-requests")
	if got.header.Get("Retry-After") == "" {
		t.Error("it is not said when to try again")
	}
}

// Links to files are tried no more often: opening one is work.
func TestTryingLinksIsBounded(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway = slowed(with.gateway) })
	nobody := s.with(t, "")
	link := "/v1/recordings/" + events.NewSessionID().String() + "/movie.mp4?expires=99999999999&signature=x"
	for range 5 * 10 {
		nobody.get(link).refused(http.StatusForbidden, "link-invalid")
	}
	nobody.get(link).refused(http.StatusTooManyRequests, "too-many-requests")
}

func slowed(c gateway.Config) gateway.Config {
	c.RequestsPerMinute = 5
	return c
}
