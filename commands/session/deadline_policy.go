package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Limits are the times after which a session is not waited for any longer.
type Limits struct {
	Launch  time.Duration // from the allocation until the game draws
	Connect time.Duration // from there until the player's peer is connected
	Return  time.Duration // from the loss of the peer until it is back
	Pause   time.Duration
	Cleanup time.Duration // from the end asked until the worker has cleaned up
}

// DefaultLimits returns the limits of a session that no plan changes.
func DefaultLimits() Limits {
	return Limits{
		Launch:  time.Minute,
		Connect: 2 * time.Minute,
		Return:  2 * time.Minute,
		Pause:   30 * time.Minute,
		Cleanup: 30 * time.Second,
	}
}

// Deadlines ends sessions whose time is up, and fails those whose worker is
// lost. A deadline is a moment after an event of the log, so a restart forgets
// none.
type Deadlines struct {
	limits   Limits
	open     []events.SessionID                   // in the order of their requests
	reserved map[events.SessionID]events.WorkerID // and not allocated yet
	held     map[events.SessionID]events.WorkerID
	stranded map[events.SessionID]bool // the worker went with the reserved slot
	due      map[events.SessionID]deadline
}

type deadline struct {
	at    time.Time
	cause commands.Cause
	order func(commands.Origin) commands.Order
}

// NewDeadlines returns the policy before the first event.
func NewDeadlines(limits Limits) *Deadlines {
	return &Deadlines{
		limits: limits, reserved: map[events.SessionID]events.WorkerID{}, held: map[events.SessionID]events.WorkerID{},
		stranded: map[events.SessionID]bool{}, due: map[events.SessionID]deadline{},
	}
}

var _ commands.Policy = (*Deadlines)(nil)

func (*Deadlines) Name() string { return "deadlines" }

func (p *Deadlines) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.open = append(p.open, e.Session)
	case events.SlotReserved:
		p.reserved[e.Session] = e.Worker
		delete(p.stranded, e.Session)
	case events.SlotReleased:
		delete(p.reserved, e.Session)
	case events.SessionAllocated:
		p.allocated(n, e)
	case events.SessionReady:
		p.end(n, e.Session, e.At.Add(p.limits.Connect), events.EndedUnconnected)
	case events.SessionInterrupted:
		p.end(n, e.Session, e.At.Add(p.limits.Return), events.EndedUnreturned)
	case events.SessionPaused:
		p.end(n, e.Session, e.At.Add(p.limits.Pause), events.EndedPausedLong)
	case events.SessionEnding:
		p.fail(n, e.Session, e.At.Add(p.limits.Cleanup), events.FailedWorker)
	case events.WorkerLost:
		p.gone(n, e.Worker, e.At)
	case events.WorkerStopped:
		p.gone(n, e.Worker, e.At)
	case events.SessionActivated:
		delete(p.due, e.Session)
	case events.SessionResumed:
		delete(p.due, e.Session)
	case events.SessionEnded:
		p.close(e.Session)
	case events.SessionFailed:
		p.close(e.Session)
	}
}

func (p *Deadlines) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	for _, session := range p.open {
		if d, ok := p.due[session]; ok && !now.Before(d.at) {
			orders = append(orders, d.order(commands.Because(d.cause, p.Name(), session.String())))
		}
	}
	return orders
}

func (p *Deadlines) end(n commands.Noted, session events.SessionID, at time.Time, reason events.EndReason) {
	p.due[session] = deadline{at: at, cause: n.Cause, order: func(o commands.Origin) commands.Order {
		return commands.Issue(End{Session: session, Reason: reason}, o)
	}}
}

func (p *Deadlines) fail(n commands.Noted, session events.SessionID, at time.Time, cause events.FailureCause) {
	p.due[session] = deadline{at: at, cause: n.Cause, order: func(o commands.Origin) commands.Order {
		return commands.Issue(Fail{Session: session, Cause: cause}, o)
	}}
}

// allocated begins the wait for the launch. A session that was on its way to a
// worker when that went is in nobody's hands.
func (p *Deadlines) allocated(n commands.Noted, e events.SessionAllocated) {
	if p.stranded[e.Session] {
		p.fail(n, e.Session, e.At, events.FailedWorker)
		return
	}
	delete(p.reserved, e.Session)
	p.held[e.Session] = e.Worker
	p.fail(n, e.Session, e.At.Add(p.limits.Launch), events.FailedLaunchTime)
}

// gone fails what a worker still held when it went.
func (p *Deadlines) gone(n commands.Noted, worker events.WorkerID, at time.Time) {
	for session, holder := range p.reserved {
		if holder == worker {
			delete(p.reserved, session)
			p.stranded[session] = true
		}
	}
	for session, holder := range p.held {
		if holder == worker {
			p.fail(n, session, at, events.FailedWorker)
		}
	}
}

func (p *Deadlines) close(session events.SessionID) {
	delete(p.due, session)
	delete(p.held, session)
	delete(p.reserved, session)
	delete(p.stranded, session)
	if i := slices.Index(p.open, session); i >= 0 {
		p.open = slices.Delete(p.open, i, i+1)
	}
}
