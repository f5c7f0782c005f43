package gateway_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// away shuts the door to the database, until everybody knows.
func (s *stack) away(as *client) {
	s.t.Helper()
	s.door.Shut()
	for deadline := time.Now().Add(within); as.get("/v1/games").status == http.StatusOK; {
		if time.Now().After(deadline) {
			s.t.Fatal("the read side answers with its database shut away")
		}
	}
}

// back opens the door again, until who asks is answered.
func (s *stack) back(as *client) {
	s.t.Helper()
	s.door.Open()
	for deadline := time.Now().Add(within); as.get("/v1/games").status != http.StatusOK; {
		if time.Now().After(deadline) {
			s.t.Fatal("the read side does not come back")
		}
	}
}

// unreadable holds that a read says that the read side is away, and when to ask
// again.
func (c *client) unreadable(path string) {
	c.t.Helper()
	got := c.get(path)
	got.refused(http.StatusServiceUnavailable, "read-side-unavailable")
	if got.header.Get("Retry-After") != "1" {
		c.t.Errorf("GET %s does not say when to ask again: %v", path, got.header)
	}
}

// TestCommandsGoOnWhileTheReadSideIsAway, each decided as if it were there.
func TestCommandsGoOnWhileTheReadSideIsAway(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.door, with.gateway.OpenSessions = true, 2 })
	anna, bert := s.as(t, "player1"), s.as(t, "player2")
	id := anna.play()
	at := "/v1/sessions/" + id.String()
	anna.seen(id, issue(s, session.Activate{Session: id}))
	invitation := anna.invite(id, "play")
	s.away(anna)

	for _, path := range []string{at, at + "?position=" + decimal(s.head()+1), "/v1/sessions", "/v1/games", "/v1/account", at + "/quality", "/v1/recordings", "/v1/guest-sessions"} {
		anna.unreadable(path)
	}
	var done accepted
	began := time.Now()
	for _, verb := range []string{"pause", "resume"} {
		if anna.post(at+"/"+verb).into(http.StatusOK, &done); done.Position != decimal(s.head()) {
			t.Errorf("%s is answered with %+v, the head is %d", verb, done, s.head())
		}
	}
	second := anna.request().id(t)
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "2 sessions")
	issue(s, session.Fail{Session: second, Cause: events.FailedGame})
	third := anna.request().id(t)
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "2 sessions")
	anna.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"chess"}`}).refused(http.StatusNotFound, "unknown-game")
	bert.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"quake"}`}).told(http.StatusConflict, "game-unavailable", why)
	anna.post("/v1/sessions/"+third.String()+"/end").into(http.StatusOK, &done)
	bert.post(at+"/pause").refused(http.StatusForbidden, "session-not-yours")
	anna.post("/v1/sessions/"+events.NewSessionID().String()+"/pause").refused(http.StatusNotFound, "unknown-session")

	// A code that was used or given here opens its session; of others nobody knows.
	bert.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp}).refused(http.StatusForbidden, "session-not-yours")
	bert.post("/v1/invitations/"+invitation.Code).into(http.StatusOK, &done)
	bert.post("/v1/invitations/AAAAAAAAAAAAAAAAAAAAAA").refused(http.StatusServiceUnavailable, "read-side-unavailable")
	var now given
	anna.do(ask{method: http.MethodPost, path: at + "/invitations", body: `{"kind":"watch"}`}).into(http.StatusCreated, &now)
	var invited struct{ Kind, Title, State string }
	s.with(t, "").get("/v1/invitations/"+now.Code).into(http.StatusOK, &invited)
	if invited.Kind != "watch" || invited.Title != "Doom" || invited.State != "active" {
		t.Errorf("the code opens %+v", invited)
	}
	for _, who := range []*client{anna, bert} {
		if got := who.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp}); got.status != http.StatusCreated {
			t.Errorf("a peer connects: %d %s", got.status, got.body)
		}
	}
	anna.do(ask{method: http.MethodDelete, path: at + "/invitations/" + now.Invitation}).into(http.StatusOK, &done)
	s.with(t, "").get("/v1/invitations/"+now.Code).refused(http.StatusNotFound, "invitation-unknown")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s: somebody waits for what is away", took)
	}

	s.back(anna)
	for session, state := range map[events.SessionID]events.SessionState{id: events.SessionIsActive, second: events.SessionIsFailed, third: events.SessionIsEnded} {
		if got := anna.seen(session, s.head()); got.State != string(state) {
			t.Errorf("afterwards the session is %+v, want it %s", got, state)
		}
	}
	anna.request()
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "2 sessions")
}

// TestPlansAndGuardiansHoldWhileTheReadSideIsAway: what was played is asked of
// the account and of what runs.
func TestPlansAndGuardiansHoldWhileTheReadSideIsAway(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.door = true })
	s.subscribe("player1", func(terms *events.Terms) { terms.Access.Sessions = 3 })
	anna, bert := s.as(t, "player1"), s.as(t, "player2")
	now := time.Now().UTC()
	running := func(of events.PlayerID, by *client, since time.Duration) events.SessionID {
		id := events.NewSessionID()
		s.happened(events.SessionStream(id),
			events.SessionRequested{Session: id, Player: of, Game: doom, At: now.Add(-since)},
			events.SessionAllocated{Session: id, Player: of, Game: doom, Worker: worker, At: now.Add(-since)},
			events.SessionActivated{Session: id, Segment: 1, At: now.Add(-since)})
		by.seen(id, s.head())
		by.request() // so that the gateway is told of both
		return id
	}
	running("player1", anna, 25*time.Minute)
	issue(s, player.SetGuardian{Player: "player2", PIN: events.Sealed{Player: "player2", Data: make([]byte, 60)}})
	issue(s, player.SetLimits{Player: "player2", Limits: events.ParentalLimits{Day: 30, TimeZone: dayZone()}, Proof: 1})
	id := running("player2", bert, 20*time.Minute)
	s.away(anna)

	if got := s.terms(t, anna.request().id(t)); got.Longest > 35*60 || got.Longest < 34*60 {
		t.Errorf("beside 25 minutes that run, an hour has the terms %+v", got)
	}
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "3 sessions")
	bert.request()
	before := events.Segment{Number: 1, From: now.Add(-50 * time.Minute), To: now.Add(-25 * time.Minute)}
	issue(s, billing.Meter{Player: "player2", Session: events.SessionID(uuid.New()), Game: doom, Segment: before})
	s.appendsNothing(t, func() {
		bert.wants("").told(http.StatusForbidden, "guardian-limits", "Your play time of today is used up.")
	})
	issue(s, session.Pause{Session: id, By: "player2"})
	bert.request() // 25 of 30 minutes, till the 20 are metered
	issue(s, catalog.LimitAge{Game: doom, Minimum: 16, By: "operator", Operator: true})
	s.appendsNothing(t, func() {
		bert.wants("").told(http.StatusForbidden, "age-unknown", "say how old you are")
	})
}

// TestWatchersAreToldWhatTheyMissed while the read side was away.
func TestWatchersAreToldWhatTheyMissed(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.door = true })
	anna := s.as(t, "player1")
	id, other := anna.play(), anna.play()
	live := anna.dial()
	live.hello(anna.token)
	live.watch(id)
	s.away(anna)
	live.send(message{Type: "watch", View: "session", Key: other.String()})
	if m := live.next(); m.Type != "error" || m.Code != "read-side-unavailable" || m.Key != other.String() {
		t.Fatalf("got %+v, want that it can't be read", m)
	}
	newest := map[string]string{id.String(): decimal(issue(s, session.Activate{Session: id})), other.String(): decimal(issue(s, session.Activate{Session: other}))}
	s.door.Open()
	for len(newest) > 0 {
		m := live.next()
		if m.Type == "state" && m.Position == newest[m.Key] && m.State.State == "active" {
			delete(newest, m.Key)
		}
	}
}

// TestASessionThatTheReadSideHasNotComeTo is no unknown one, to who may see it.
func TestASessionThatTheReadSideHasNotComeTo(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.dark, with.gateway.OpenSessions = true, 1 })
	anna, bert := s.as(t, "player1"), s.as(t, "player2")
	id := anna.request().id(t)
	at := "/v1/sessions/" + id.String()
	s.prepare(id)
	anna.get(at).refused(http.StatusServiceUnavailable, "view-behind")
	s.as(t, "support1").get(at).refused(http.StatusServiceUnavailable, "view-behind")
	bert.get(at).refused(http.StatusNotFound, "unknown-session")
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "1 sessions")
	live := anna.dial()
	live.hello(anna.token)
	live.send(message{Type: "watch", View: "session", Key: id.String()})
	if m := live.next(); m.Type != "error" || m.Code != "view-behind" {
		t.Errorf("who watches is told %+v", m)
	}
	var invitation given
	anna.do(ask{method: http.MethodPost, path: at + "/invitations", body: `{"kind":"play"}`}).into(http.StatusCreated, &invitation)
	var done accepted
	bert.post("/v1/invitations/"+invitation.Code).into(http.StatusOK, &done)
	for _, who := range []*client{anna, bert} {
		if got := who.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp}); got.status != http.StatusCreated {
			t.Errorf("a peer connects: %d %s", got.status, got.body)
		}
	}
}
