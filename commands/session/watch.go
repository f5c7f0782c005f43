package session

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// longestTerm is beyond what any plan says of one session.
const longestTerm = events.Seconds(31 * 24 * 3600)

// What terms refuse.
var (
	ErrTerms = &events.Fault{Kind: events.Invalid, Code: "session-terms",
		Message: "The terms of a session are a priority from 0 to 4, spans from 0 to 31 days, and short names."}
	ErrSpent = &events.Fault{Kind: events.Forbidden, Code: "allowance-spent",
		Message: "You have played today for as long as your plan allows. Come back tomorrow, or choose a larger plan."}
)

// CheckTerms refuses what no plan says. Less than nothing left of the day is a
// day that is used up.
func CheckTerms(t events.SessionTerms) error {
	if t.Priority < 0 || t.Priority > events.MaxPriority {
		return ErrTerms.With(fmt.Sprintf("The priority of a session is from 0 to %d, not %d.", events.MaxPriority, t.Priority))
	}
	if t.AtOnce < 0 {
		return ErrTerms.With("A player may have some sessions open at once, or any number: less than none is no limit.")
	}
	if t.Resolution != 0 && (t.Resolution < events.LeastResolution || t.Resolution > events.MostResolution) {
		return ErrTerms.With(fmt.Sprintf("A picture has from %d to %d lines, not %d.", events.LeastResolution, events.MostResolution, t.Resolution))
	}
	for _, span := range []events.Seconds{t.Longest, t.Idle, t.Pause, t.Return, max(t.Allowance, 0)} {
		if span < 0 || span > longestTerm {
			return ErrTerms
		}
	}
	if len(t.Needs.Region) > 128 || len(t.Needs.Encoder) > 128 {
		return ErrTerms
	}
	if t.Allowance < 0 {
		return ErrSpent
	}
	return nil
}

// Watch is what the plan allows a session, and what was said of that.
type Watch struct {
	Terms  events.SessionTerms
	Idle   bool
	Warned []Warning // the last of each reason
}

// Warning is one that was given: no earlier one of the same end follows.
type Warning struct {
	Reason events.EndReason
	Left   events.Seconds
	Ends   time.Time
}

func warningOf(e events.SessionWarned) Warning {
	return Warning{Reason: e.Reason, Left: e.Left, Ends: e.Ends}
}

// evolve forgets warnings of what is not near while nobody plays: when play goes
// on, they are given again.
func (w Watch) evolve(e events.Event) Watch {
	switch e := e.(type) {
	case events.SessionIdled:
		w.Idle = true
	case events.SessionRoused:
		w.Idle = false
		w.Warned = without(w.Warned, func(given Warning) bool { return given.Reason == events.EndedIdle })
	case events.SessionPaused, events.SessionInterrupted, events.SessionEnding, events.SessionEnded, events.SessionFailed:
		w.Idle = false
		w.Warned = without(w.Warned, func(given Warning) bool { return given.Reason != events.EndedLongest })
	case events.SessionWarned:
		w.Warned = append(without(w.Warned, func(given Warning) bool { return given.Reason == e.Reason }), warningOf(e))
	}
	return w
}

// warned says that a warning, or a later one of the same end, was given.
func (w Watch) warned(of Warn) bool {
	return slices.ContainsFunc(w.Warned, func(given Warning) bool {
		return given.Reason == of.Reason && given.Left <= of.Left && given.Ends.Equal(of.Ends)
	})
}

// Warn tells the player that the session ends at a time, and why. It is the one
// way to do so, for whoever ends sessions.
type Warn struct {
	Session events.SessionID
	Reason  events.EndReason
	Left    events.Seconds // the warning's place in the ladder
	Ends    time.Time
}

func (w Warn) Target() events.Stream { return events.SessionStream(w.Session) }

func (w Warn) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(s.Player); err != nil {
		return nil, err
	}
	if w.Left <= 0 {
		return nil, ErrTerms.With("A warning comes some seconds before the end.")
	}
	if s.Watch.warned(w) {
		return nil, nil
	}
	return []events.Event{events.SessionWarned{Session: w.Session, Reason: w.Reason, Left: w.Left, Ends: w.Ends, At: now}}, nil
}
