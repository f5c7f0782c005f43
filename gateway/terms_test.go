package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// wants asks for a session, under a command's id if one is given.
func (c *client) wants(command string) answer {
	c.t.Helper()
	a := ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`}
	if command != "" {
		a.header = map[string]string{"Command-Id": command}
	}
	return c.do(a)
}

// told is the words of a refusal.
func (a answer) told(status int, code, words string) {
	a.t.Helper()
	a.refused(status, code)
	if !strings.Contains(string(a.body), words) {
		a.t.Errorf("%s does not say %q", a.body, words)
	}
}

// terms are those on which a session was requested.
func (s *stack) terms(t *testing.T, id events.SessionID) events.SessionTerms {
	t.Helper()
	for recorded, err := range s.store.Read(t.Context(), events.SessionStream(id), 0) {
		if err != nil {
			t.Fatal(err)
		}
		event, _, err := events.Decode(recorded)
		if err != nil {
			t.Fatal(err)
		}
		return event.(events.SessionRequested).Terms
	}
	t.Fatalf("there is no session %s", id)
	return events.SessionTerms{}
}

// happened records what was at times of the past.
func (s *stack) happened(stream events.Stream, past ...events.Event) {
	s.t.Helper()
	id := events.NewCommandID()
	var batch []events.Proposed
	for i, event := range past {
		proposed, err := events.Encode(events.DeriveEventID(id, i), event, events.Metadata{Command: id, Actor: events.BySystem("test")})
		if err != nil {
			s.t.Fatal(err)
		}
		batch = append(batch, proposed)
	}
	if _, err := s.store.Append(s.t.Context(), stream, events.AnyRevision(), batch); err != nil {
		s.t.Fatal(err)
	}
}

// subscribe starts a subscription to a plan that includes an hour and sells no
// more.
func (s *stack) subscribe(of events.PlayerID, change func(*events.Terms)) {
	s.t.Helper()
	terms := events.Terms{
		Price: events.Money{Amount: 999, Currency: "EUR"}, Interval: events.Monthly, Included: time.Hour,
		Access: events.Access{Sessions: 1, Longest: 4 * time.Hour, Resolution: 1080, Priority: 3},
	}
	change(&terms)
	issue(s, billing.Start{Player: of, Subscription: events.SubscriptionID(uuid.New()), Offer: events.Offer{Plan: "small", Version: 1, Terms: terms}})
}

func TestThePlansTermsAreTheSessions(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.OpenSessions = 2 })
	plain := s.as(t, "player2")
	if got := s.terms(t, plain.request().id(t)); got != (events.SessionTerms{AtOnce: 2}) {
		t.Errorf("who has no plan plays on the terms %+v", got)
	}
	s.subscribe("player1", func(*events.Terms) {})
	anna := s.as(t, "player1")
	first, command := accepted{}, uuid.NewString()
	anna.wants(command).into(http.StatusCreated, &first)
	id := first.id(t)
	if got, want := s.terms(t, id), (events.SessionTerms{Priority: 3, Longest: 3600, Resolution: 1080, AtOnce: 1}); got != want {
		t.Errorf("the terms are %+v, want the plan's priority and the hour that it has left: %+v", got, want)
	}
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "Your plan allows one session at a time")

	// The hour is over, and on the account: nothing is left.
	hour := events.Segment{Number: 1, From: time.Now().Add(-time.Hour), To: time.Now()}
	issue(s, session.End{Session: id, Reason: events.EndedByPlayer})
	at := issue(s, billing.Meter{Player: "player1", Session: id, Game: doom, Segment: hour})
	anna.seen(id, at)
	anna.wants("").told(http.StatusForbidden, "play-used-up", "All hours of this period are played")
	var again accepted
	if anna.wants(command).into(http.StatusCreated, &again); again.Session != first.Session {
		t.Errorf("a request that is repeated comes to %s, the first came to %s", again.Session, first.Session)
	}
	credit := billing.Grant{Player: "player1", Credit: events.CreditID(uuid.New()), Play: 90 * time.Second}
	issue(s, credit)
	if got := s.terms(t, anna.request().id(t)); got.Longest != 90 {
		t.Errorf("with credits for 90 seconds a session may last %d", got.Longest)
	}
}

func TestWhatRunsIsTakenOffThePlan(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.subscribe("player1", func(terms *events.Terms) { terms.Access.Sessions, terms.Access.Priority = 3, 900 })
	anna := s.as(t, "player1")
	now := time.Now().UTC()
	closed := events.Segment{Number: 1, From: now.Add(-50 * time.Minute), To: now.Add(-30 * time.Minute)}
	running := events.NewSessionID()
	s.happened(events.SessionStream(running),
		events.SessionRequested{Session: running, Player: "player1", Game: doom, At: closed.From},
		events.SessionAllocated{Session: running, Player: "player1", Game: doom, Worker: worker, At: closed.From},
		events.SessionActivated{Session: running, Segment: 1, At: closed.From},
		events.SessionPaused{Session: running, Closed: &closed, At: closed.To},
		events.SessionResumed{Session: running, Segment: 2, At: now.Add(-25 * time.Minute)})
	anna.seen(running, s.head())
	got := s.terms(t, anna.request().id(t))
	if got.Priority != events.MaxPriority || got.Longest > 15*60 || got.Longest < 14*60 {
		t.Errorf("beside 20 minutes that are not metered and 25 that run, an hour has the terms %+v", got)
	}
	issue(s, billing.Meter{Player: "player1", Session: running, Game: doom, Segment: closed})
	var account struct{ PlayedMs int64 }
	anna.get("/v1/account?position="+decimal(s.head())).into(http.StatusOK, &account)
	if got := s.terms(t, anna.request().id(t)); got.Longest > 15*60 || got.Longest < 14*60 {
		t.Errorf("when the 20 minutes are metered, they count for %+v", got)
	}
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "Your plan allows 3 sessions at once")
}

func TestPlansAreRequired(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.PlansRequired = true })
	anna, bert := s.as(t, "player1"), s.as(t, "player2")
	s.appendsNothing(t, func() {
		anna.wants("").told(http.StatusForbidden, "no-plan", "Choose a plan or buy credits")
	})
	issue(s, billing.Grant{Player: "player1", Credit: events.CreditID(uuid.New()), Play: 2 * time.Hour})
	if got := s.terms(t, anna.request().id(t)); got != (events.SessionTerms{Longest: 3600, Resolution: 720, AtOnce: 1}) {
		t.Errorf("on credits the terms are %+v", got)
	}
	anna.wants("").told(http.StatusConflict, "too-many-sessions", "one session at a time")

	s.subscribe("player2", func(terms *events.Terms) {
		terms.Included, terms.Overage = 0, events.Money{Amount: 200, Currency: "EUR"}
	})
	issue(s, billing.Limit{Player: "player2", Most: events.Money{Amount: 100, Currency: "EUR"}})
	if got := s.terms(t, bert.request().id(t)); got.Longest != 1800 {
		t.Errorf("half an hour before the spending limit the terms are %+v", got)
	}
	issue(s, billing.Limit{Player: "player2", Most: events.Money{Amount: 0, Currency: "EUR"}})
	bert.wants("").told(http.StatusForbidden, "spending-limit-reached", "Raise it")
}

func TestAgesAndGuardiansHold(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	anna, bert := s.as(t, "player1"), s.as(t, "player2")
	id := anna.play()
	invitation := bert.invite(bert.play(), "play")
	issue(s, catalog.LimitAge{Game: doom, Minimum: 16, By: "operator", Operator: true})
	s.appendsNothing(t, func() {
		anna.wants("").told(http.StatusForbidden, "age-unknown", "say how old you are")
	})
	issue(s, player.DeclareAge{Player: "player1", Age: player.AgeOf(time.Now().AddDate(-13, 0, 0), time.Now())})
	issue(s, player.DeclareAge{Player: "player2", Age: events.Age{Class: events.AgeAdult}})
	s.appendsNothing(t, func() {
		anna.wants("").told(http.StatusForbidden, "too-young", "from 16 years on")
		anna.post("/v1/invitations/"+invitation.Code).told(http.StatusForbidden, "too-young", "from 16 years on")
	})
	bert.request()
	issue(s, catalog.LimitAge{Game: doom, Minimum: 12, By: "operator", Operator: true})

	guard := func(limits events.ParentalLimits) {
		limits.TimeZone = dayZone()
		issue(s, player.SetLimits{Player: "player1", Limits: limits, Proof: 1})
	}
	issue(s, player.SetGuardian{Player: "player1", PIN: events.Sealed{Player: "player1", Data: make([]byte, 60)}})
	guard(events.ParentalLimits{Day: 30})
	if got := s.terms(t, anna.request().id(t)); got != (events.SessionTerms{AtOnce: 100}) {
		t.Errorf("who has time left plays on the terms %+v", got)
	}
	issue(s, session.Activate{Session: id})
	issue(s, session.Pause{Session: id, By: "player1"})
	played := events.Segment{Number: 1, From: time.Now().Add(-40 * time.Minute), To: time.Now()}
	issue(s, billing.Meter{Player: "player1", Session: id, Game: doom, Segment: played})
	var account struct{ PlayedMs int64 }
	anna.get("/v1/account?position="+decimal(s.head())).into(http.StatusOK, &account)
	const words = "Your play time of today is used up. You can play again tomorrow from 00:00."
	s.appendsNothing(t, func() {
		anna.wants("").told(http.StatusForbidden, "guardian-limits", words)
		anna.post("/v1/sessions/"+id.String()+"/resume").told(http.StatusForbidden, "guardian-limits", words)
		anna.post("/v1/invitations/"+invitation.Code).told(http.StatusForbidden, "guardian-limits", words)
	})
	later := time.Now().UTC().AddDate(0, 0, 3).Weekday()
	guard(events.ParentalLimits{Windows: []events.PlayWindow{{Day: events.Weekdays[later], From: 600, To: 720}}})
	anna.wants("").told(http.StatusForbidden, "guardian-limits", "You can play again on "+later.String()+" from 10:00.")
}

// dayZone is a time zone in which it is neither late nor early, so that the last
// hour is of today, and today is not much other than it is in UTC.
func dayZone() string {
	if hour := time.Now().UTC().Hour(); hour < 2 {
		return "Etc/GMT-6" // east of Greenwich
	}
	return "UTC"
}
