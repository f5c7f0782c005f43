package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// lives: nothing happens to a session after its end, none stays in a state past
// the time that it may, or is longer or idle for longer than its terms allow, none
// runs on a worker that is gone, and all come to an end.
type lives struct {
	limits  session.Limits
	open    map[events.SessionID]*life
	order   []events.SessionID // of their requests; some are over
	over    map[events.SessionID]events.Event
	workers map[events.WorkerID]time.Time // that are there, and since when
	left    map[events.WorkerID]time.Time
	began   int
	ends    map[string]int
	longest time.Duration // past a limit
}

type life struct {
	state  string
	since  time.Time
	limit  time.Duration // of the state; 0: none
	worker events.WorkerID
	terms  events.SessionTerms
	first  time.Time // active
	idle   time.Time // since when; zero: it is not
}

func newLives() *lives {
	return &lives{
		limits: session.DefaultLimits(), open: map[events.SessionID]*life{}, over: map[events.SessionID]events.Event{},
		workers: map[events.WorkerID]time.Time{}, left: map[events.WorkerID]time.Time{}, ends: map[string]int{},
	}
}

var _ invariant = (*lives)(nil)

func (l *lives) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		l.workers[e.Worker] = n.Time
		return nil
	case events.WorkerLost:
		delete(l.workers, e.Worker)
		l.left[e.Worker] = n.Time
		return nil
	case events.WorkerStopped:
		delete(l.workers, e.Worker)
		l.left[e.Worker] = n.Time
		return nil
	}
	id, ok := sessionOf(n.Event)
	if !ok {
		return l.aside(n)
	}
	if last := l.over[id]; last != nil {
		return l.wrong(n.Time, id, "%s follows its end, %s", n.Event.EventType(), last.EventType())
	}
	if _, quality := n.Event.(events.QualityReported); quality {
		return nil
	}
	if requested, first := n.Event.(events.SessionRequested); first {
		if l.open[id] != nil {
			return l.wrong(n.Time, id, "it is requested twice")
		}
		l.began++
		l.open[requested.Session] = &life{terms: requested.Terms}
		l.order = append(l.order, requested.Session)
	}
	s := l.open[id]
	if s == nil {
		return l.wrong(n.Time, id, "%s comes before its request", n.Event.EventType())
	}
	if s.limit > 0 {
		l.longest = max(l.longest, n.Time.Sub(s.since)-s.limit)
	}
	s.state, s.since, s.limit, s.idle = n.Event.EventType(), n.Time, l.limitOf(n.Event), time.Time{}
	switch e := n.Event.(type) {
	case events.SessionAllocated:
		s.worker = e.Worker
	case events.SessionActivated:
		if s.first.IsZero() {
			s.first = n.Time
		}
	case events.SessionEnded:
		l.ends[string(e.Reason)]++
	case events.SessionFailed:
		l.ends[string(e.Cause)]++
	}
	if over(n.Event) {
		delete(l.open, id)
		l.over[id] = n.Event
	}
	return nil
}

// aside takes an event that changes nothing of a session's state.
func (l *lives) aside(n commands.Noted) error {
	var id events.SessionID
	switch e := n.Event.(type) {
	case events.SessionIdled:
		if id = e.Session; l.open[id] != nil {
			l.open[id].idle = e.Since
		}
	case events.SessionRoused:
		if id = e.Session; l.open[id] != nil {
			l.open[id].idle = time.Time{}
		}
	case events.SessionWarned:
		id = e.Session
	case events.GuestJoined:
		id = e.Session
	case events.ControlGiven:
		id = e.Session
	}
	if last := l.over[id]; last != nil {
		return l.wrong(n.Time, id, "%s follows its end, %s", n.Event.EventType(), last.EventType())
	}
	return nil
}

// late says for how long a session is past what its terms allow.
func (s *life) late(now time.Time) time.Duration {
	var late time.Duration
	if s.terms.Longest > 0 && !s.first.IsZero() {
		late = now.Sub(s.first) - s.terms.Longest.Duration()
	}
	if s.terms.Idle > 0 && !s.idle.IsZero() {
		late = max(late, now.Sub(s.idle)-s.terms.Idle.Duration())
	}
	return late
}

// limitOf is how long a session may stay as an event has left it.
func (l *lives) limitOf(e events.Event) time.Duration {
	switch e.(type) {
	case events.SessionAllocated, events.SessionLaunched:
		return l.limits.Launch
	case events.SessionReady:
		return l.limits.Connect
	case events.SessionInterrupted:
		return l.limits.Return
	case events.SessionPaused:
		return l.limits.Pause
	case events.SessionEnding:
		return l.limits.Cleanup
	}
	return 0
}

func (l *lives) check(now time.Time) error {
	still := l.order[:0]
	for _, id := range l.order {
		s := l.open[id]
		if s == nil {
			continue
		}
		still = append(still, id)
		if s.limit > 0 && now.Sub(s.since) > s.limit+worst {
			return l.wrong(now, id, "it hangs: %s was %v ago, and %v is the limit", s.state, now.Sub(s.since), s.limit)
		}
		if late := s.late(now); late > worst {
			return l.wrong(now, id, "it is %v past the end that its terms set", late)
		}
		if left := l.left[s.worker]; s.worker != "" && left.After(s.since) && now.Sub(left) > worst {
			return l.wrong(now, id, "it runs on worker %s, whose process is gone since %v", s.worker, now.Sub(left))
		}
	}
	l.order = still
	return nil
}

func (l *lives) final(now time.Time) error {
	for _, id := range l.order {
		if s := l.open[id]; s != nil {
			return l.wrong(now, id, "it never ends: the last that was heard of it is %s, %v ago", s.state, now.Sub(s.since))
		}
	}
	return nil
}

func (l *lives) wrong(at time.Time, id events.SessionID, says string, details ...any) error {
	return &Violation{
		Invariant: "lives", At: at, Says: fmt.Sprintf("session %s: ", id) + fmt.Sprintf(says, details...),
		Streams: []events.Stream{events.SessionStream(id)},
	}
}

func (l *lives) tell(r *Report) {
	r.Sessions, r.Ends, r.PastDeadlines = l.began, l.ends, l.longest.Seconds()
}
