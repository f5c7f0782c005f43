package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Allocate gives the session to the worker whose slot was reserved for it.
type Allocate struct {
	Session events.SessionID
	Worker  events.WorkerID
	Slot    int
}

func (a Allocate) Target() events.Stream { return events.SessionStream(a.Session) }

func (a Allocate) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if s.Phase != events.SessionIsRequested && s.Phase != events.SessionIsQueued {
		return nil, nil
	}
	if err := events.CheckIDs(a.Worker); err != nil {
		return nil, err
	}
	return []events.Event{events.SessionAllocated{
		Session: a.Session, Player: s.Player, Game: s.Game, Worker: a.Worker, Slot: a.Slot, Resolution: s.Watch.Terms.Resolution, At: now,
	}}, nil
}
