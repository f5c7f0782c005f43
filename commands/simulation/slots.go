package simulation

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// slots: a slot is held by one session at a time, a session holds one slot at a
// time, and it is there; at the end none is held.
type slots struct {
	workers map[events.WorkerID]map[int]events.SessionID
	sizes   map[events.WorkerID]int
	holds   map[events.SessionID]events.WorkerID
	over    map[events.SessionID]bool // that held one, until it is free
}

func newSlots() *slots {
	return &slots{
		workers: map[events.WorkerID]map[int]events.SessionID{}, sizes: map[events.WorkerID]int{},
		holds: map[events.SessionID]events.WorkerID{}, over: map[events.SessionID]bool{},
	}
}

var _ invariant = (*slots)(nil)

func (s *slots) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		s.gone(e.Worker)
		s.workers[e.Worker], s.sizes[e.Worker] = map[int]events.SessionID{}, e.Slots
	case events.WorkerLost:
		s.gone(e.Worker)
	case events.WorkerStopped:
		s.gone(e.Worker)
	case events.SlotReserved:
		return s.reserved(n, e)
	case events.SlotReleased:
		if held, ok := s.workers[e.Worker][e.Slot]; !ok || held != e.Session {
			return s.wrong(n, e.Worker, "slot %d is released by session %s, which does not hold it", e.Slot, e.Session)
		}
		delete(s.workers[e.Worker], e.Slot)
		delete(s.holds, e.Session)
		delete(s.over, e.Session)
	default:
		if id, ok := sessionOf(e); ok && over(e) && s.holds[id] != "" {
			s.over[id] = true
		}
	}
	return nil
}

func (s *slots) reserved(n commands.Noted, e events.SlotReserved) error {
	held, there := s.workers[e.Worker]
	if !there || e.Slot < 0 || e.Slot >= s.sizes[e.Worker] {
		return s.wrong(n, e.Worker, "slot %d is reserved and does not exist", e.Slot)
	}
	if other, taken := held[e.Slot]; taken {
		return s.wrong(n, e.Worker, "slot %d is reserved for session %s while session %s holds it", e.Slot, e.Session, other)
	}
	if other, has := s.holds[e.Session]; has {
		return &Violation{
			Invariant: "slots", At: n.Time, Says: fmt.Sprintf("session %s holds a slot of worker %s and gets one of %s", e.Session, other, e.Worker),
			Streams: []events.Stream{events.SessionStream(e.Session), events.WorkerStream(other), events.WorkerStream(e.Worker)},
		}
	}
	held[e.Slot], s.holds[e.Session] = e.Session, e.Worker
	return nil
}

func (s *slots) gone(worker events.WorkerID) {
	for _, session := range s.workers[worker] {
		delete(s.holds, session)
		delete(s.over, session)
	}
	delete(s.workers, worker)
}

func (s *slots) wrong(n commands.Noted, worker events.WorkerID, says string, details ...any) error {
	return &Violation{
		Invariant: "slots", At: n.Time, Says: fmt.Sprintf("worker %s: ", worker) + fmt.Sprintf(says, details...),
		Streams: []events.Stream{events.WorkerStream(worker)},
	}
}

func (s *slots) check(time.Time) error { return nil }

func (s *slots) final(now time.Time) error {
	ids := make([]events.SessionID, 0, len(s.holds))
	for id := range s.holds {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	id := slices.MinFunc(ids, func(a, b events.SessionID) int { return cmp.Compare(a.String(), b.String()) })
	return &Violation{
		Invariant: "slots", At: now, Says: fmt.Sprintf("session %s holds a slot of worker %s for ever", id, s.holds[id]),
		Streams: []events.Stream{events.SessionStream(id), events.WorkerStream(s.holds[id])},
	}
}

func (s *slots) tell(*Report) {}
