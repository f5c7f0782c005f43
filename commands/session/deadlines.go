package session

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// A plan's limits are warned of at these times before the end, a short limit
// at those below it only: the longest session and the allowance at the long
// ones, idleness a minute before.
var (
	longWarnings = []events.Seconds{3600, 1800, 900, 300, 60}
	idleWarnings = []events.Seconds{60}
)

// watched is a session as its deadlines need it.
type watched struct {
	session  events.SessionID
	terms    events.SessionTerms
	number   int             // in the order of the requests
	reserved events.WorkerID // and not allocated yet
	holder   events.WorkerID
	stranded bool // the worker went with the reserved slot
	lost     bool // in nobody's hands: whatever is still heard of it, it fails
	timers   []timer
	played   time.Duration                // in closed segments
	warnings map[events.EndReason]Warning // the last of each reason
	next     time.Time                    // the first moment at which something is due
	index    int                          // in the schedule; -1: not there
}

// timer ends a session at a time. Of the reasons of the plan there is one each,
// and one of the state that the session is in, which has no limit.
type timer struct {
	reason  events.EndReason
	failure events.FailureCause // instead of the reason
	limit   time.Duration       // of the plan; 0: of the state
	ends    time.Time
	cause   commands.Cause
}

func (w *watched) reserve(worker events.WorkerID) {
	if w.reserved == "" {
		w.reserved = worker
	}
	w.stranded = false
}

func (w *watched) release(worker events.WorkerID) {
	if w.reserved == worker {
		w.reserved = ""
	}
}

// end lets the state that begins last until a time.
func (w *watched) end(n commands.Noted, at time.Time, reason events.EndReason) {
	w.drop(timer.ofState)
	w.timers = append(w.timers, timer{reason: reason, ends: at, cause: n.Cause})
}

func (w *watched) fail(n commands.Noted, at time.Time, failure events.FailureCause) {
	w.drop(timer.ofState)
	w.timers = append(w.timers, timer{failure: failure, ends: at, cause: n.Cause})
}

// lose fails the session, whatever else was to come.
func (w *watched) lose(n commands.Noted, at time.Time) {
	w.lost, w.timers = true, nil
	w.fail(n, at, events.FailedWorker)
}

// limit counts a limit of the plan from a moment, where there is one.
func (w *watched) limit(reason events.EndReason, limit time.Duration, from time.Time, cause commands.Cause) {
	if limit > 0 {
		w.drop(func(t timer) bool { return t.reason == reason })
		w.timers = append(w.timers, timer{reason: reason, limit: limit, ends: from.Add(limit), cause: cause})
	}
}

// play begins a segment. The longest session counts from the first one, pauses
// and all; the allowance counts active play only.
func (w *watched) play(cause commands.Cause, at time.Time) {
	w.drop(timer.ofState)
	if !slices.ContainsFunc(w.timers, func(t timer) bool { return t.reason == events.EndedLongest }) {
		w.limit(events.EndedLongest, w.terms.Longest.Duration(), at, cause)
	}
	w.limit(events.EndedAllowance, w.terms.Allowance.Duration(), at.Add(-w.played), cause)
}

// stop ends a segment: neither the allowance nor idleness counts from there.
func (w *watched) stop(closed *events.Segment) {
	if closed != nil {
		w.played += closed.Duration()
	}
	w.drop(func(t timer) bool { return t.reason == events.EndedAllowance })
	w.rouse()
}

func (w *watched) rouse() {
	w.drop(func(t timer) bool { return t.reason == events.EndedIdle })
	delete(w.warnings, events.EndedIdle)
}

func (w *watched) drop(which func(timer) bool) { w.timers = slices.DeleteFunc(w.timers, which) }

func (t timer) ofState() bool { return t.limit == 0 }

// ladder lists the warnings of a limit, the first one first.
func (t timer) ladder() []events.Seconds {
	switch t.reason {
	case events.EndedLongest, events.EndedAllowance:
		return longWarnings
	case events.EndedIdle:
		return idleWarnings
	}
	return nil
}

// warning returns the warning of a timer that is the next one at a time, or
// the latest one that was missed. Those before it are not made up for.
func (w *watched) warning(t timer, now time.Time) (left events.Seconds, at time.Time, ok bool) {
	given, any := w.warnings[t.reason]
	any = any && given.Ends.Equal(t.ends) // an end that has moved is warned of anew
	for _, rung := range t.ladder() {
		if t.limit <= rung.Duration() || any && given.Left <= rung {
			continue
		}
		moment := t.ends.Add(-rung.Duration())
		if ok && moment.After(now) {
			break
		}
		left, at, ok = rung, moment, true
	}
	return left, at, ok
}

// moment is the first at which something of the session is due.
func (w *watched) moment() (first time.Time, ok bool) {
	for _, t := range w.timers {
		at := t.ends
		if _, earlier, warns := w.warning(t, time.Time{}); warns {
			at = earlier
		}
		if !ok || at.Before(first) {
			first, ok = at, true
		}
	}
	return first, ok
}

// due returns the end that came first, or else the warnings that are due.
func (w *watched) due(now time.Time) []commands.Order {
	var over *timer
	for i, t := range w.timers {
		if !now.Before(t.ends) && (over == nil || t.ends.Before(over.ends)) {
			over = &w.timers[i]
		}
	}
	if over != nil {
		return []commands.Order{w.order(*over)}
	}
	var orders []commands.Order
	for _, t := range w.timers {
		if left, at, ok := w.warning(t, now); ok && !now.Before(at) {
			purpose := fmt.Sprintf("%s warn %s %d", w.session, t.reason, left)
			orders = append(orders, commands.Issue(Warn{Session: w.session, Reason: t.reason, Left: left, Ends: t.ends},
				commands.Because(t.cause, (*Deadlines)(nil).Name(), purpose)))
		}
	}
	return orders
}

func (w *watched) order(t timer) commands.Order {
	name := (*Deadlines)(nil).Name()
	switch {
	case t.failure != "":
		return commands.Issue(Fail{Session: w.session, Cause: t.failure}, commands.Because(t.cause, name, w.session.String()))
	case t.limit > 0:
		return commands.Issue(End{Session: w.session, Reason: t.reason}, commands.Because(t.cause, name, w.session.String()+" "+string(t.reason)))
	}
	return commands.Issue(End{Session: w.session, Reason: t.reason}, commands.Because(t.cause, name, w.session.String()))
}

// schedule is a heap of sessions by their next moment.
type schedule []*watched

func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].next.Before(s[j].next) }
func (s schedule) Swap(i, j int) {
	s[i], s[j] = s[j], s[i]
	s[i].index, s[j].index = i, j
}

func (s *schedule) Push(x any) {
	w := x.(*watched)
	w.index = len(*s)
	*s = append(*s, w)
}

func (s *schedule) Pop() any {
	last := len(*s) - 1
	w := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	w.index = -1
	return w
}

// until visits who has come to their moment, in no order: below one who has
// not, nobody has.
func (s schedule) until(now time.Time, at int, visit func(*watched)) {
	if at >= len(s) || now.Before(s[at].next) {
		return
	}
	visit(s[at])
	s.until(now, 2*at+1, visit)
	s.until(now, 2*at+2, visit)
}
