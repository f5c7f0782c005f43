package simulation

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// slots: a slot is held by one session at a time, and it is there; a session that
// gets two gives one back at once; at the end none is held.
type slots struct {
	workers map[events.WorkerID]map[int]events.SessionID
	sizes   map[events.WorkerID]int
	holds   map[events.SessionID][]events.WorkerID
	twice   []twice // may hold two
}

type twice struct {
	session events.SessionID
	since   time.Time
}

func newSlots() *slots {
	return &slots{
		workers: map[events.WorkerID]map[int]events.SessionID{}, sizes: map[events.WorkerID]int{},
		holds: map[events.SessionID][]events.WorkerID{},
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
		s.release(e.Session, e.Worker)
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
	held[e.Slot] = e.Session
	s.holds[e.Session] = append(s.holds[e.Session], e.Worker)
	if len(s.holds[e.Session]) > 1 {
		s.twice = append(s.twice, twice{session: e.Session, since: n.Time})
	}
	return nil
}

func (s *slots) gone(worker events.WorkerID) {
	for _, session := range s.workers[worker] {
		s.release(session, worker)
	}
	delete(s.workers, worker)
}

func (s *slots) release(session events.SessionID, worker events.WorkerID) {
	left := slices.DeleteFunc(s.holds[session], func(w events.WorkerID) bool { return w == worker })
	if s.holds[session] = left; len(left) == 0 {
		delete(s.holds, session)
	}
}

func (s *slots) wrong(n commands.Noted, worker events.WorkerID, says string, details ...any) error {
	return &Violation{
		Invariant: "slots", At: n.Time, Says: fmt.Sprintf("worker %s: ", worker) + fmt.Sprintf(says, details...),
		Streams: []events.Stream{events.WorkerStream(worker)},
	}
}

func (s *slots) check(now time.Time) error {
	still := s.twice[:0]
	for _, t := range s.twice {
		held := s.holds[t.session]
		if len(held) < 2 {
			continue
		}
		if still = append(still, t); now.Sub(t.since) > worst {
			return s.held(now, t.session, "%d slots at once, since %v", len(held), now.Sub(t.since))
		}
	}
	s.twice = still
	return nil
}

func (s *slots) final(now time.Time) error {
	ids := make([]events.SessionID, 0, len(s.holds))
	for id := range s.holds {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	id := slices.MinFunc(ids, func(a, b events.SessionID) int { return cmp.Compare(a.String(), b.String()) })
	return s.held(now, id, "a slot for ever")
}

func (s *slots) held(now time.Time, id events.SessionID, says string, details ...any) error {
	streams := []events.Stream{events.SessionStream(id)}
	for _, w := range s.holds[id] {
		streams = append(streams, events.WorkerStream(w))
	}
	return &Violation{Invariant: "slots", At: now, Says: fmt.Sprintf("session %s holds ", id) + fmt.Sprintf(says, details...), Streams: streams}
}

func (s *slots) tell(*Report) {}
