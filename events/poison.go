package events

import (
	"fmt"
	"strings"
	"time"
)

// HandlerID names who handles the log's events and skips those that it can't
// handle: what it does and, where there are several, for whom. Its form is that
// of a GameID, or of two with '_' between them.
type HandlerID string

// ParseHandlerID checks the form.
func ParseHandlerID(text string) (HandlerID, error) {
	does, forWhom, two := strings.Cut(text, "_")
	err := checkSlug(does)
	if err == nil && two {
		err = checkSlug(forWhom)
	}
	if err != nil {
		return "", fmt.Errorf("handler %.200q: %w, or two of that with '_' between them", text, err)
	}
	return HandlerID(text), nil
}

// poisonKind begins the names of the streams that poison is kept in.
const poisonKind = "poison-"

// PoisonStream is where it is kept what a handler has skipped.
func PoisonStream(id HandlerID) Stream { return Stream(poisonKind + string(id)) }

// Poison returns whose poison the stream has; false: it has none.
func (s Stream) Poison() (HandlerID, bool) {
	id, is := strings.CutPrefix(string(s), poisonKind)
	return HandlerID(id), is
}

// EventReference says where an event is. It is no copy: a reader of the log
// would take that for another event.
type EventReference struct {
	Event    EventID  `json:"event"`
	Stream   Stream   `json:"stream"`
	Revision Revision `json:"revision"`
	Position Position `json:"position"`
	Type     string   `json:"type"` // the beginning of a very long one
}

// EventPoisoned: a handler has skipped an event that it could not handle, or
// could not handle again when that was asked.
type EventPoisoned struct {
	Handler  HandlerID      `json:"handler"`
	Event    EventReference `json:"event"`
	Cause    string         `json:"cause"` // the class of the error, not what it said: that may be personal
	Attempts int            `json:"attempts"`
	At       time.Time      `json:"at"`
}

// PoisonReplayAsked: the handler is to handle the event again.
type PoisonReplayAsked struct {
	Handler HandlerID      `json:"handler"`
	Event   EventReference `json:"event"`
	At      time.Time      `json:"at"`
}

// PoisonReplayed: the handler has handled the event after all.
type PoisonReplayed struct {
	Handler HandlerID `json:"handler"`
	Event   EventID   `json:"event"`
	At      time.Time `json:"at"`
}

// PoisonDropped: the event is to be handled no more.
type PoisonDropped struct {
	Handler HandlerID `json:"handler"`
	Event   EventID   `json:"event"`
	At      time.Time `json:"at"`
}

func (EventPoisoned) EventType() string     { return "EventPoisoned" }
func (PoisonReplayAsked) EventType() string { return "PoisonReplayAsked" }
func (PoisonReplayed) EventType() string    { return "PoisonReplayed" }
func (PoisonDropped) EventType() string     { return "PoisonDropped" }

func (EventPoisoned) event()     {}
func (PoisonReplayAsked) event() {}
func (PoisonReplayed) event()    {}
func (PoisonDropped) event()     {}
