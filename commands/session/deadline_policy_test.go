package session_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

func onTerms(terms events.SessionTerms) []events.Event {
	wanted := requested
	wanted.Terms = terms
	return []events.Event{wanted, allocated, launched, ready, activated}
}

func TestWarningsAndEndsOfThePlan(t *testing.T) {
	for reason, terms := range map[events.EndReason]events.SessionTerms{
		events.EndedLongest:   {Longest: 2 * 3600},
		events.EndedAllowance: {Allowance: 2 * 3600},
	} {
		policy := Told(session.NewDeadlines(session.DefaultLimits()), onTerms(terms)...)
		ends := before.Add(2 * time.Hour)
		for _, left := range []events.Seconds{3600, 1800, 900, 300, 60} {
			Due(t, policy, ends.Add(-left.Duration()-1))
			Due(t, policy, ends.Add(-left.Duration()), session.Warn{Session: id, Reason: reason, Left: left, Ends: ends})
			Told(policy, events.SessionWarned{Session: id, Reason: reason, Left: left, Ends: ends, At: ends.Add(-left.Duration())})
		}
		Due(t, policy, ends.Add(-1))
		Due(t, policy, ends, session.End{Session: id, Reason: reason})
	}
}

func TestMissedWarningsAreNotMadeUpFor(t *testing.T) {
	policy := Told(session.NewDeadlines(session.DefaultLimits()), onTerms(events.SessionTerms{Longest: 2 * 3600})...)
	ends := before.Add(2 * time.Hour)
	Due(t, policy, ends.Add(-4*time.Minute), session.Warn{Session: id, Reason: events.EndedLongest, Left: 300, Ends: ends})
	short := Told(session.NewDeadlines(session.DefaultLimits()), onTerms(events.SessionTerms{Longest: 1200})...)
	Due(t, short, before)
	Due(t, short, before.Add(5*time.Minute), session.Warn{Session: id, Reason: events.EndedLongest, Left: 900, Ends: before.Add(20 * time.Minute)})
}

func TestAnAllowanceCountsActivePlayOnly(t *testing.T) {
	policy := Told(session.NewDeadlines(session.DefaultLimits()), append(onTerms(events.SessionTerms{Allowance: 90}), paused)...)
	Due(t, policy, Now.Add(10*time.Minute))
	again := Now.Add(10 * time.Minute) // after the minute that was played
	Told(policy, events.SessionResumed{Session: id, Segment: 2, At: again})
	ends := again.Add(30 * time.Second)
	warn := session.Warn{Session: id, Reason: events.EndedAllowance, Left: 60, Ends: ends}
	// What was said of the end before the pause is not said of this one.
	Told(policy, events.SessionWarned{Session: id, Reason: events.EndedAllowance, Left: 60, Ends: ends.Add(-10 * time.Minute)})
	Due(t, policy, again, warn)
	Told(policy, events.SessionWarned{Session: id, Reason: events.EndedAllowance, Left: 60, Ends: ends})
	Due(t, policy, again.Add(30*time.Second-1))
	Due(t, policy, again.Add(30*time.Second), session.End{Session: id, Reason: events.EndedAllowance})
}

func TestIdleness(t *testing.T) {
	idled := events.SessionIdled{Session: id, Since: Now, At: Now.Add(time.Minute)}
	policy := Told(session.NewDeadlines(session.DefaultLimits()), append(onTerms(events.SessionTerms{Idle: 600}), idled)...)
	ends := Now.Add(10 * time.Minute)
	Due(t, policy, ends.Add(-time.Minute), session.Warn{Session: id, Reason: events.EndedIdle, Left: 60, Ends: ends})
	Due(t, policy, ends, session.End{Session: id, Reason: events.EndedIdle})
	Due(t, Told(policy, events.SessionRoused{Session: id, At: ends}), ends.Add(time.Hour))
	policy = Told(session.NewDeadlines(session.DefaultLimits()), append(onTerms(events.SessionTerms{}), idled)...)
	ends = Now.Add(session.DefaultLimits().Idle)
	Due(t, policy, ends.Add(-time.Minute), session.Warn{Session: id, Reason: events.EndedIdle, Left: 60, Ends: ends})
	Due(t, policy, ends, session.End{Session: id, Reason: events.EndedIdle})

	playing := given(events.SessionIsActive)
	When(playing, session.Idle{Session: id, For: 10 * time.Second}).Then(t, events.SessionIdled{Session: id, Since: Now.Add(-10 * time.Second), At: Now})
	When(playing, session.Idle{Session: id, For: time.Hour}).Then(t, events.SessionIdled{Session: id, Since: before, At: Now})
	When(playing, session.Active{Session: id}).Then(t)
	idle := Given(requested, allocated, launched, ready, activated, idled)
	When(idle, session.Idle{Session: id, For: time.Minute}).Then(t)
	When(idle, session.Active{Session: id}).Then(t, events.SessionRoused{Session: id, At: Now})
	When(given(events.SessionIsPaused), session.Idle{Session: id}).Then(t)
	When(given(events.SessionIsEnded), session.Idle{Session: id}).Refused(t, session.ErrOver)
	When(given(events.SessionIsEnded), session.Active{Session: id}).Refused(t, session.ErrOver)
	When(Given(), session.Idle{Session: id}).Refused(t, session.ErrUnknown)
	When(Given(), session.Active{Session: id}).Refused(t, session.ErrUnknown)
}

func TestWarn(t *testing.T) {
	warn := session.Warn{Session: id, Reason: events.EndedLongest, Left: 300, Ends: Now}
	warned := events.SessionWarned{Session: id, Reason: events.EndedLongest, Left: 300, Ends: Now, At: Now}
	When(given(events.SessionIsActive), warn).Then(t, warned)
	told := Given(requested, allocated, launched, ready, activated, warned)
	When(told, warn).Then(t)
	another := warn // the end has moved
	another.Ends = Now.Add(time.Minute)
	When(told, another).Then(t, events.SessionWarned{Session: id, Reason: events.EndedLongest, Left: 300, Ends: another.Ends, At: Now})
	// While nobody plays, only the longest session still counts.
	guarded := session.Warn{Session: id, Reason: events.EndedByGuardian, Left: 300, Ends: Now}
	saidSo := events.SessionWarned{Session: id, Reason: events.EndedByGuardian, Left: 300, Ends: Now, At: Now}
	again := Given(requested, allocated, launched, ready, activated, warned, saidSo, paused, events.SessionResumed{Session: id, Segment: 2, At: Now})
	When(again, warn).Then(t)
	When(again, guarded).Then(t, saidSo)
	late := warn
	late.Left = 900
	When(told, late).Then(t)
	late.Left = 0
	When(told, late).Refused(t, session.ErrTerms)
	When(given(events.SessionIsEnded), warn).Refused(t, session.ErrOver)
	When(Given(), warn).Refused(t, session.ErrUnknown)
}

func TestTermsOfAPlan(t *testing.T) {
	wish := session.Request{Session: id, Player: "anna", Game: "doom", Terms: events.SessionTerms{Priority: 2, Longest: 60, Pause: 30, Return: 20}}
	wanted := events.SessionRequested{Session: id, Player: "anna", Game: "doom", Terms: wish.Terms, At: Now}
	When(Given(), wish).Then(t, wanted)
	for _, terms := range []events.SessionTerms{{Priority: -1}, {Priority: 5}, {Longest: -1}, {Idle: 1 << 62}, {Resolution: 100}, {Resolution: -1}, {Resolution: 5000}, {Needs: events.Needs{Region: string(make([]byte, 129))}}} {
		wish.Terms = terms
		When(Given(), wish).Refused(t, session.ErrTerms)
	}
	small := requested
	small.Terms.Resolution = 720
	When(Given(small), session.Allocate{Session: id, Worker: "w", Slot: 1}).Then(t,
		events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", Slot: 1, Resolution: 720, At: Now})
	wish.Terms = events.SessionTerms{Allowance: -1}
	When(Given(), wish).Refused(t, session.ErrSpent)

	policy := Told(session.NewDeadlines(session.DefaultLimits()), wanted, allocated, launched, ready, activated, broken)
	Due(t, policy, before.Add(20*time.Second), session.End{Session: id, Reason: events.EndedUnreturned})
	policy = Told(session.NewDeadlines(session.DefaultLimits()), onTerms(events.SessionTerms{Pause: 30})...)
	Due(t, Told(policy, paused), before.Add(30*time.Second), session.End{Session: id, Reason: events.EndedPausedLong})
}
