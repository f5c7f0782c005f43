package session

import (
	"container/heap"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Limits are the times after which a session is not waited for any longer,
// where its terms say nothing else.
type Limits struct {
	Launch  time.Duration // from the allocation until the game draws
	Connect time.Duration // from there until the player's peer is connected
	Return  time.Duration // from the loss of the peer until it is back
	Pause   time.Duration
	Idle    time.Duration // without input, while somebody could play
	Cleanup time.Duration // from the end asked until the worker has cleaned up
}

// DefaultLimits returns the limits of a session that no plan changes.
func DefaultLimits() Limits {
	return Limits{
		Launch:  time.Minute,
		Connect: 2 * time.Minute,
		Return:  2 * time.Minute,
		Pause:   30 * time.Minute,
		Idle:    30 * time.Minute,
		Cleanup: 30 * time.Second,
	}
}

// Deadlines ends sessions whose time is up, warns before a limit of the plan is
// reached, and fails sessions whose worker is lost. A deadline is a moment after
// an event of the log, so a restart forgets none. What is due is found in a heap
// by the next moment of each session: nothing due costs one comparison.
type Deadlines struct {
	limits   Limits
	open     map[events.SessionID]*watched
	next     schedule
	requests int
}

// NewDeadlines returns the policy before the first event.
func NewDeadlines(limits Limits) *Deadlines {
	return &Deadlines{limits: limits, open: map[events.SessionID]*watched{}}
}

var _ commands.Policy = (*Deadlines)(nil)

func (*Deadlines) Name() string { return "deadlines" }

func (p *Deadlines) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.opened(e)
	case events.WorkerLost:
		p.gone(n, e.Worker, e.At)
	case events.WorkerStopped:
		p.gone(n, e.Worker, e.At)
	case events.SlotReserved:
		p.change(e.Session, func(w *watched) { w.reserve(e.Worker) })
	case events.SlotReleased:
		p.change(e.Session, func(w *watched) { w.release(e.Worker) })
	case events.SessionAllocated:
		p.change(e.Session, func(w *watched) { p.allocated(w, n, e) })
	case events.SessionReady:
		p.change(e.Session, func(w *watched) { w.end(n, e.At.Add(p.limits.Connect), events.EndedUnconnected) })
	case events.SessionInterrupted:
		p.change(e.Session, func(w *watched) {
			w.stop(e.Closed)
			w.end(n, e.At.Add(either(w.terms.Return, p.limits.Return)), events.EndedUnreturned)
		})
	case events.SessionPaused:
		p.change(e.Session, func(w *watched) {
			w.stop(e.Closed)
			w.end(n, e.At.Add(either(w.terms.Pause, p.limits.Pause)), events.EndedPausedLong)
		})
	case events.SessionEnding:
		p.change(e.Session, func(w *watched) {
			w.timers = nil
			w.fail(n, e.At.Add(p.limits.Cleanup), events.FailedWorker)
		})
	case events.SessionActivated:
		p.change(e.Session, func(w *watched) { w.play(n.Cause, e.At) })
	case events.SessionResumed:
		p.change(e.Session, func(w *watched) { w.play(n.Cause, e.At) })
	case events.SessionIdled:
		p.change(e.Session, func(w *watched) { w.limit(events.EndedIdle, either(w.terms.Idle, p.limits.Idle), e.Since, n.Cause) })
	case events.SessionRoused:
		p.change(e.Session, func(w *watched) { w.rouse() })
	case events.SessionWarned:
		p.change(e.Session, func(w *watched) { w.warnings[e.Reason] = warningOf(e) })
	case events.SessionEnded:
		p.close(e.Session)
	case events.SessionFailed:
		p.close(e.Session)
	}
}

func (p *Deadlines) Due(now time.Time) []commands.Order {
	var due []*watched
	p.next.until(now, 0, func(w *watched) { due = append(due, w) })
	slices.SortFunc(due, func(a, b *watched) int {
		if byTime := a.next.Compare(b.next); byTime != 0 {
			return byTime
		}
		return a.number - b.number
	})
	var orders []commands.Order
	for _, w := range due {
		orders = append(orders, w.due(now)...)
	}
	return orders
}

func either(term events.Seconds, otherwise time.Duration) time.Duration {
	if term > 0 {
		return term.Duration()
	}
	return otherwise
}

func (p *Deadlines) opened(e events.SessionRequested) {
	if p.open[e.Session] != nil {
		return
	}
	p.requests++
	p.open[e.Session] = &watched{
		session: e.Session, terms: e.Terms, number: p.requests, index: -1, warnings: map[events.EndReason]Warning{},
	}
}

// change lets an event change a session that is open and not lost, and puts it
// where its next moment belongs.
func (p *Deadlines) change(session events.SessionID, how func(*watched)) {
	w := p.open[session]
	if w == nil || w.lost {
		return
	}
	how(w)
	at, ok := w.moment()
	switch {
	case !ok && w.index >= 0:
		heap.Remove(&p.next, w.index)
	case !ok:
	case w.index < 0:
		w.next = at
		heap.Push(&p.next, w)
	default:
		w.next = at
		heap.Fix(&p.next, w.index)
	}
}

// allocated begins the wait for the launch. A session that was on its way to a
// worker when that went, or that has its slot elsewhere by now, is in nobody's
// hands.
func (p *Deadlines) allocated(w *watched, n commands.Noted, e events.SessionAllocated) {
	if w.stranded || w.reserved != "" && w.reserved != e.Worker {
		w.lose(n, e.At)
		return
	}
	w.reserved, w.holder = "", e.Worker
	w.fail(n, e.At.Add(p.limits.Launch), events.FailedLaunchTime)
}

// gone fails what a worker still held when it went.
func (p *Deadlines) gone(n commands.Noted, worker events.WorkerID, at time.Time) {
	for session, of := range p.open {
		if of.reserved != worker && of.holder != worker {
			continue
		}
		p.change(session, func(w *watched) {
			if w.reserved == worker {
				w.reserved, w.stranded = "", true
			}
			if w.holder == worker {
				w.lose(n, at)
			}
		})
	}
}

func (p *Deadlines) close(session events.SessionID) {
	w := p.open[session]
	if w == nil {
		return
	}
	if w.index >= 0 {
		heap.Remove(&p.next, w.index)
	}
	delete(p.open, session)
}
