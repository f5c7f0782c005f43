package session_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	id     = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000a"))
	other  = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000b"))
	third  = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000c"))
	before = Now.Add(-time.Minute)

	requested = events.SessionRequested{Session: id, Player: "anna", Game: "doom", Title: "Doom", At: before}
	queued    = events.SessionQueued{Session: id, At: before}
	allocated = events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", Slot: 1, At: before}
	launched  = events.SessionLaunched{Session: id, At: before}
	ready     = events.SessionReady{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "x264", At: before}
	activated = events.SessionActivated{Session: id, Segment: 1, At: before}
	adapted   = events.PictureAdapted{Session: id, Width: 480, Height: 360, FrameRate: 35, Encoder: "x264", Cause: events.PicturePathNarrow}
	measured  = events.QualityReported{Session: id, From: before, To: before.Add(20 * time.Second), At: before.Add(20 * time.Second)}
	played    = &events.Segment{Number: 1, From: before, To: Now}
	paused    = events.SessionPaused{Session: id, Closed: played, At: before}
	broken    = events.SessionInterrupted{Session: id, Cause: "silence", Closed: played, At: before}
	ending    = events.SessionEnding{Session: id, Reason: events.EndedByPlayer, Closed: played, At: before}
	ended     = events.SessionEnded{Session: id, Reason: events.EndedByPlayer, At: before}
	failed    = events.SessionFailed{Session: id, Cause: events.FailedGame, At: before}
)

// given returns the history of a session up to a state.
func given(state events.SessionState) History {
	upTo := map[events.SessionState][]events.Event{
		events.SessionNone:        nil,
		events.SessionIsRequested: {requested},
		events.SessionIsQueued:    {requested, queued},
		events.SessionIsAllocated: {requested, allocated},
		events.SessionIsLaunching: {requested, allocated, launched},
		events.SessionIsReady:     {requested, allocated, launched, ready},
		events.SessionIsActive:    {requested, allocated, launched, ready, activated},
		events.SessionIsPaused:    {requested, allocated, launched, ready, activated, paused},
		events.SessionIsBroken:    {requested, allocated, launched, ready, activated, broken},
		events.SessionIsEnding:    {requested, allocated, launched, ready, activated, ending},
		events.SessionIsEnded:     {requested, allocated, launched, ready, activated, ending, ended},
		events.SessionIsFailed:    {requested, allocated, launched, ready, activated, failed},
	}
	return Given(upTo[state]...)
}

var states = []events.SessionState{
	events.SessionNone, events.SessionIsRequested, events.SessionIsQueued, events.SessionIsAllocated,
	events.SessionIsLaunching, events.SessionIsReady, events.SessionIsActive, events.SessionIsPaused,
	events.SessionIsBroken, events.SessionIsEnding, events.SessionIsEnded, events.SessionIsFailed,
}

func TestRequest(t *testing.T) {
	wish := session.Request{Session: id, Player: "anna", Game: "doom", Title: "Doom"}
	When(Given(), wish).Then(t, events.SessionRequested{Session: id, Player: "anna", Game: "doom", Title: "Doom", At: Now})
	When(Given(requested), wish).Refused(t, session.ErrTaken)
	wish.Unavailable = "it is not installed"
	When(Given(), wish).Refused(t, session.ErrUnavailable)
}

// The time between the player's last sign and the report is not billed.
func TestInterruptEndsPlayWhereThePlayerFellSilent(t *testing.T) {
	for _, c := range []struct {
		silence time.Duration
		to      time.Time
	}{{10 * time.Second, Now.Add(-10 * time.Second)}, {time.Hour, before}} {
		When(given(events.SessionIsActive), session.Interrupt{Session: id, Cause: "silence", Silence: c.silence}).
			Then(t, events.SessionInterrupted{Session: id, Cause: "silence", Closed: &events.Segment{Number: 1, From: before, To: c.to}, At: Now})
	}
}

// expectation says what a command comes to in some states; in those that are
// not named, it comes to nothing.
type expectation struct {
	decides map[events.SessionState]events.Event
	refuses map[events.SessionState]error
}

func TestCommandsInEveryState(t *testing.T) {
	unknown := map[events.SessionState]error{events.SessionNone: session.ErrUnknown}
	over := map[events.SessionState]error{
		events.SessionNone: session.ErrUnknown, events.SessionIsEnded: session.ErrOver, events.SessionIsFailed: session.ErrOver,
	}
	// refusing adds states in which a player's wish is refused.
	refusing := func(err error, more ...events.SessionState) map[events.SessionState]error {
		all := map[events.SessionState]error{
			events.SessionNone: session.ErrUnknown, events.SessionIsEnding: session.ErrOver,
			events.SessionIsEnded: session.ErrOver, events.SessionIsFailed: session.ErrOver,
		}
		for _, state := range more {
			all[state] = err
		}
		return all
	}
	ends := func(from ...events.SessionState) map[events.SessionState]events.Event {
		all := map[events.SessionState]events.Event{}
		for _, state := range from {
			all[state] = events.SessionEnding{Session: id, Reason: events.EndedByPlayer, At: Now}
		}
		for _, state := range []events.SessionState{events.SessionIsRequested, events.SessionIsQueued} {
			all[state] = events.SessionEnded{Session: id, Reason: events.EndedByPlayer, At: Now}
		}
		all[events.SessionIsActive] = events.SessionEnding{Session: id, Reason: events.EndedByPlayer, Closed: played, At: Now}
		return all
	}
	everywhere := func(decide func(state events.SessionState) events.Event) map[events.SessionState]events.Event {
		all := map[events.SessionState]events.Event{}
		for _, state := range states {
			if state != events.SessionNone && !state.Over() {
				all[state] = decide(state)
			}
		}
		return all
	}
	closedWhen := func(state events.SessionState) *events.Segment {
		if state == events.SessionIsActive {
			return played
		}
		return nil
	}

	for name, c := range map[string]struct {
		when func(History) Decision
		expectation
	}{
		"Queue": {
			func(h History) Decision { return When(h, session.Queue{Session: id}) },
			expectation{map[events.SessionState]events.Event{events.SessionIsRequested: events.SessionQueued{Session: id, At: Now}}, over},
		},
		"Allocate": {
			func(h History) Decision { return When(h, session.Allocate{Session: id, Worker: "w", Slot: 1}) },
			expectation{map[events.SessionState]events.Event{
				events.SessionIsRequested: events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", Slot: 1, At: Now},
				events.SessionIsQueued:    events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", Slot: 1, At: Now},
			}, over},
		},
		"Launch": {
			func(h History) Decision { return When(h, session.Launch{Session: id}) },
			expectation{map[events.SessionState]events.Event{events.SessionIsAllocated: events.SessionLaunched{Session: id, At: Now}}, over},
		},
		"Ready": {
			func(h History) Decision {
				return When(h, session.Ready{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "x264"})
			},
			expectation{map[events.SessionState]events.Event{
				events.SessionIsLaunching: events.SessionReady{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "x264", At: Now},
			}, over},
		},
		"Activate": {
			func(h History) Decision { return When(h, session.Activate{Session: id}) },
			expectation{map[events.SessionState]events.Event{
				events.SessionIsReady:  events.SessionActivated{Session: id, Segment: 1, At: Now},
				events.SessionIsBroken: events.SessionActivated{Session: id, Segment: 2, At: Now},
			}, map[events.SessionState]error{
				events.SessionNone: session.ErrUnknown, events.SessionIsEnded: session.ErrOver, events.SessionIsFailed: session.ErrOver,
				events.SessionIsRequested: session.ErrNotNow, events.SessionIsQueued: session.ErrNotNow,
				events.SessionIsAllocated: session.ErrNotNow, events.SessionIsLaunching: session.ErrNotNow,
			}},
		},
		"Interrupt": {
			func(h History) Decision { return When(h, session.Interrupt{Session: id, Cause: "silence"}) },
			expectation{map[events.SessionState]events.Event{
				events.SessionIsActive: events.SessionInterrupted{Session: id, Cause: "silence", Closed: played, At: Now},
			}, over},
		},
		"Pause": {
			func(h History) Decision { return When(h, session.Pause{Session: id, By: "anna"}) },
			expectation{map[events.SessionState]events.Event{
				events.SessionIsActive: events.SessionPaused{Session: id, Closed: played, At: Now},
				events.SessionIsBroken: events.SessionPaused{Session: id, At: Now},
			}, refusing(session.ErrNotNow, events.SessionIsRequested, events.SessionIsQueued,
				events.SessionIsAllocated, events.SessionIsLaunching, events.SessionIsReady)},
		},
		"Resume": {
			func(h History) Decision { return When(h, session.Resume{Session: id, By: "anna"}) },
			expectation{map[events.SessionState]events.Event{
				events.SessionIsPaused: events.SessionResumed{Session: id, Segment: 2, At: Now},
			}, refusing(session.ErrNotNow, events.SessionIsRequested, events.SessionIsQueued, events.SessionIsAllocated,
				events.SessionIsLaunching, events.SessionIsReady, events.SessionIsBroken)},
		},
		"End": {
			func(h History) Decision {
				return When(h, session.End{Session: id, By: "anna", Reason: events.EndedByPlayer})
			},
			expectation{ends(events.SessionIsAllocated, events.SessionIsLaunching, events.SessionIsReady,
				events.SessionIsPaused, events.SessionIsBroken), refusing(nil)},
		},
		"Finish": {
			func(h History) Decision { return When(h, session.Finish{Session: id, Reason: events.EndedByGame}) },
			expectation{everywhere(func(state events.SessionState) events.Event {
				reason := events.EndedByGame
				if state == events.SessionIsEnding {
					reason = events.EndedByPlayer // what was asked for counts
				}
				return events.SessionEnded{Session: id, Reason: reason, Closed: closedWhen(state), At: Now}
			}), unknown},
		},
		"Fail": {
			func(h History) Decision {
				return When(h, session.Fail{Session: id, Cause: events.FailedGame, Detail: "d"})
			},
			expectation{everywhere(func(state events.SessionState) events.Event {
				return events.SessionFailed{Session: id, Cause: events.FailedGame, Detail: "d", Closed: closedWhen(state), At: Now}
			}), unknown},
		},
	} {
		for _, state := range states {
			t.Run(name+" when "+string(state), func(t *testing.T) {
				decision := c.when(given(state))
				if refusal := c.refuses[state]; refusal != nil {
					decision.Refused(t, refusal)
				} else if event := c.decides[state]; event != nil {
					decision.Then(t, event)
				} else {
					decision.Then(t)
				}
			})
		}
	}
}

func TestSomebodyElsesSession(t *testing.T) {
	active := given(events.SessionIsActive)
	When(active, session.Pause{Session: id, By: "bert"}).Refused(t, session.ErrNotYours)
	When(given(events.SessionIsPaused), session.Resume{Session: id, By: "bert"}).Refused(t, session.ErrNotYours)
	When(active, session.End{Session: id, By: "bert"}).Refused(t, session.ErrNotYours)
	When(given(events.SessionIsEnded), session.End{Session: id, By: "bert"}).Refused(t, session.ErrNotYours)
}

func TestALostWorkerBillsNoLostTime(t *testing.T) {
	seen := measured.To
	When(Given(requested, allocated, launched, ready, activated, measured), session.Fail{Session: id, Cause: events.FailedWorker}).
		Then(t, events.SessionFailed{Session: id, Cause: events.FailedWorker, Closed: &events.Segment{Number: 1, From: before, To: seen}, At: Now})
	// Nor what the clock of the worker was ahead.
	ahead := measured
	ahead.To = ahead.At.Add(5 * time.Second)
	When(Given(requested, allocated, launched, ready, activated, ahead), session.Fail{Session: id, Cause: events.FailedWorker}).
		Then(t, events.SessionFailed{Session: id, Cause: events.FailedWorker, Closed: &events.Segment{Number: 1, From: before, To: ahead.At}, At: Now})
}

func TestAClockThatGoesBackBillsNothing(t *testing.T) {
	early := before.Add(-time.Hour)
	When(given(events.SessionIsActive).At(early), session.Finish{Session: id, Reason: events.EndedByGame}).
		Then(t, events.SessionEnded{Session: id, Reason: events.EndedByGame, Closed: &events.Segment{Number: 1, From: before, To: before}, At: early})
	// Nor does it bill a time again: play goes on where it stopped.
	When(given(events.SessionIsBroken).At(early), session.Activate{Session: id}).
		Then(t, events.SessionActivated{Session: id, Segment: 2, At: played.To})
	When(given(events.SessionIsPaused).At(early), session.Resume{Session: id, By: "anna"}).
		Then(t, events.SessionResumed{Session: id, Segment: 2, At: played.To})
}

func TestAdapt(t *testing.T) {
	step := session.Adapt{Worker: "w", Picture: adapted}
	decided := adapted
	decided.At = Now
	live := []events.SessionState{events.SessionIsReady, events.SessionIsActive, events.SessionIsPaused, events.SessionIsBroken}
	for _, state := range states[1:] {
		if slices.Contains(live, state) {
			When(given(state), step).Then(t, decided)
		} else {
			When(given(state), step).Then(t)
		}
	}
	When(Given(), step).Refused(t, session.ErrUnknown)
	When(given(events.SessionIsActive), session.Adapt{Worker: "v", Picture: adapted}).Refused(t, session.ErrNotHeld)

	When(Given(requested, allocated, launched, ready, activated, adapted), step).Then(t)
	failed := decided
	failed.Cause = events.PictureEncoderFailed
	When(Given(requested, allocated, launched, ready, activated, adapted), session.Adapt{Worker: "w", Picture: failed}).Then(t, failed)
	asReady := events.PictureAdapted{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "x264", Cause: events.PicturePathWide}
	When(given(events.SessionIsActive), session.Adapt{Worker: "w", Picture: asReady}).Then(t)
}

func TestReportQuality(t *testing.T) {
	report := session.ReportQuality{Session: id, From: measured.From, To: measured.To}
	When(given(events.SessionIsActive), report).Then(t, events.QualityReported{Session: id, From: measured.From, To: measured.To, At: Now})
	last := events.QualityReported{Session: id, From: measured.From, To: measured.To, At: Now}
	When(given(events.SessionIsPaused), report).Then(t, last)
	When(given(events.SessionIsEnding), report).Then(t, last)
	When(given(events.SessionIsReady), report).Then(t)
	When(given(events.SessionIsEnded), report).Then(t)
	When(Given(), report).Refused(t, session.ErrUnknown)
}
