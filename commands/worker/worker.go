// Package worker decides on the slots of streamer workers. Two allocators
// can't give one slot twice: a reservation is an append on the worker's own
// stream.
package worker

import (
	"slices"

	"github.com/playcast/playcast/events"
)

// State is a worker as its stream tells it.
type State struct {
	Incarnation string
	Address     string // where it hears signalling; empty: within the gateway's own process
	Running     bool
	Draining    bool
	Slots       []events.SessionID // by slot; zero: free
}

// Schema is that of its snapshots.
func (State) Schema() int { return 2 }

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.WorkerRegistered:
		return State{Incarnation: e.Incarnation, Address: e.Address, Running: true, Slots: make([]events.SessionID, e.Slots)}
	case events.WorkerLost, events.WorkerStopped:
		s.Running, s.Draining, s.Slots = false, false, nil
	case events.WorkerDraining:
		s.Draining = true
	case events.WorkerResumed:
		s.Draining = false
	case events.SlotReserved:
		s.Slots = slices.Clone(s.Slots)
		s.Slots[e.Slot] = e.Session
	case events.SlotReleased:
		s.Slots = slices.Clone(s.Slots)
		s.Slots[e.Slot] = events.SessionID{}
	}
	return s
}

// slot returns the number of the slot that a session holds, or -1. The zero
// session finds the first free slot.
func (s State) slot(session events.SessionID) int { return slices.Index(s.Slots, session) }

func (s State) sessions() []events.SessionID {
	return slices.DeleteFunc(slices.Clone(s.Slots), events.SessionID.IsZero)
}
