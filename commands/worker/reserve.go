package worker

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What Reserve refuses.
var (
	ErrFull = &events.Fault{Kind: events.Unavailable, Code: "worker-full",
		Message: "The worker has no free slot."}
	ErrNotRunning = &events.Fault{Kind: events.Unavailable, Code: "worker-not-running",
		Message: "The worker is not running."}
	ErrDraining = &events.Fault{Kind: events.Unavailable, Code: "worker-draining",
		Message: "The worker finishes what it has, and takes no more."}
	ErrNoSession = &events.Fault{Kind: events.Invalid, Code: "slot-without-session",
		Message: "A slot is a session's: name the session."}
)

// Reserve gives a session the worker's first free slot.
type Reserve struct {
	Worker  events.WorkerID
	Session events.SessionID
}

func (r Reserve) Target() events.Stream { return events.WorkerStream(r.Worker) }

func (r Reserve) Decide(s State, now time.Time) ([]events.Event, error) {
	if r.Session.IsZero() {
		return nil, ErrNoSession
	}
	if !s.Running {
		return nil, ErrNotRunning
	}
	if s.slot(r.Session) >= 0 {
		return nil, nil
	}
	if s.Draining {
		return nil, ErrDraining
	}
	free := s.slot(events.SessionID{})
	if free < 0 {
		return nil, ErrFull
	}
	return []events.Event{events.SlotReserved{Worker: r.Worker, Slot: free, Session: r.Session, At: now}}, nil
}

// Release frees the slot that a session holds, if it holds one.
type Release struct {
	Worker  events.WorkerID
	Session events.SessionID
}

func (r Release) Target() events.Stream { return events.WorkerStream(r.Worker) }

func (r Release) Decide(s State, now time.Time) ([]events.Event, error) {
	if r.Session.IsZero() {
		return nil, ErrNoSession // that is how free ones are known
	}
	slot := s.slot(r.Session)
	if slot < 0 {
		return nil, nil
	}
	return []events.Event{events.SlotReleased{Worker: r.Worker, Slot: slot, Session: r.Session, At: now}}, nil
}
