package events

import (
	"time"
)

// Event is one fact. The interface is sealed: every event is a struct of this
// package, listed in the codec's registry.
type Event interface {
	// EventType is the literal name under which the event is stored.
	EventType() string
	event()
}

// Metadata says who asked for an event and because of what. It is stored as
// JSON beside the event.
type Metadata struct {
	// Correlation is shared by everything that follows from one first command.
	Correlation string `json:"$correlationId"`
	// Causation is the id of the event, or for a person's command of the
	// command, that led to this event.
	Causation     string    `json:"$causationId"`
	Actor         Actor     `json:"actor"`
	Command       CommandID `json:"commandId"`
	SchemaVersion int       `json:"schemaVersion"`
	TraceParent   string    `json:"traceparent,omitempty"`
}

// Actor says who issued a command: "player:<id>", "worker:<id>", "policy:<name>"
// or "system:<part>".
type Actor string

// The kinds of actors.
func ByPlayer(id PlayerID) Actor { return Actor("player:" + string(id)) }
func ByWorker(id WorkerID) Actor { return Actor("worker:" + string(id)) }
func ByPolicy(name string) Actor { return Actor("policy:" + name) }
func BySystem(part string) Actor { return Actor("system:" + part) }

// Proposed is one encoded event on its way into a store.
type Proposed struct {
	ID       EventID
	Type     string
	Data     []byte // JSON
	Metadata []byte // JSON
}

// Recorded is one event as the store holds it. Data and Metadata belong to the
// receiver. Type may be one that this build does not know: Decode says so.
type Recorded struct {
	ID       EventID
	Stream   Stream
	Revision Revision
	Position Position
	Time     time.Time // when the store took it, UTC
	Type     string
	Data     []byte
	Metadata []byte
}

// Revision is an event's number in its stream, from 0.
type Revision uint64

// Position is an event's place in the whole log. Positions grow, with gaps.
type Position uint64

// Start is the position before the first event.
const Start Position = 0
