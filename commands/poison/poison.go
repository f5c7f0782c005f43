// Package poison decides on what handlers of the log have skipped since they
// could not handle it: an aggregate a handler, in its stream of poison.
//
//	(none) ── Keep ──▶ held ◀─┬── Replay ──▶ asked ── Settle ──▶ (none)
//	                    │     └─ Keep, again ──┤
//	                    └─────── Drop ─────────┴───────────────▶ (none)
//
// Replay asks the handler that runs, which hears of it by the log.
package poison

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// MaxHeld bounds what one handler has skipped and nobody has decided on. One
// that has skipped so much is not met by poison: it is broken itself, and holds
// instead.
const MaxHeld = 1000

// State is what a handler has skipped, the first skipped first.
type State struct {
	Held []Held
}

// Held is an event that was skipped.
type Held struct {
	Event    events.EventReference
	Cause    string
	Attempts int // of all times together
	At       time.Time
	Asked    bool // to be handled again, without an answer
}

// Evolve returns the state after an event. States share nothing that changes.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.EventPoisoned:
		held := Held{Event: e.Event, Cause: e.Cause, Attempts: e.Attempts, At: e.At}
		s.Held = slices.Clone(s.Held)
		if i := s.find(e.Event.Event); i >= 0 {
			held.Attempts += s.Held[i].Attempts
			s.Held[i] = held
		} else {
			s.Held = append(s.Held, held)
		}
	case events.PoisonReplayAsked:
		if i := s.find(e.Event.Event); i >= 0 {
			s.Held = slices.Clone(s.Held)
			s.Held[i].Asked = true
		}
	case events.PoisonReplayed:
		s = s.without(e.Event)
	case events.PoisonDropped:
		s = s.without(e.Event)
	}
	return s
}

// Find returns what is held of an event; false: nothing is.
func (s State) Find(id events.EventID) (Held, bool) {
	if i := s.find(id); i >= 0 {
		return s.Held[i], true
	}
	return Held{}, false
}

func (s State) find(id events.EventID) int {
	return slices.IndexFunc(s.Held, func(h Held) bool { return h.Event.Event == id })
}

func (s State) without(id events.EventID) State {
	if i := s.find(id); i >= 0 {
		s.Held = slices.Delete(slices.Clone(s.Held), i, i+1)
	}
	return s
}

// What is refused.
var (
	ErrNotHeld = &events.Fault{Kind: events.NotFound, Code: "poison-not-held",
		Message: "The handler holds no such event: it was replayed or dropped, or never skipped. Look at playcast feed poison list."}
	ErrFull = &events.Fault{Kind: events.Conflict, Code: "poison-full",
		Message: "The handler has skipped 1000 events and skips no more: it waits. Mend what it fails of, then replay or drop some: playcast feed poison."}
	ErrMalformed = &events.Fault{Kind: events.Invalid, Code: "poison-malformed",
		Message: "This is no event that a handler can have skipped."}
)
