package poison

import (
	"strings"
	"time"

	"github.com/playcast/playcast/events"
)

// The longest texts that are kept, in bytes. More is cut.
const (
	maxCause = 200
	maxType  = 200
)

// Keep records that a handler has skipped an event. Again says that it was to
// handle it again, and could not: that counts as long as it is asked.
type Keep struct {
	Handler  events.HandlerID
	Event    events.EventReference
	Cause    string
	Attempts int
	Again    bool
}

func (c Keep) Target() events.Stream { return events.PoisonStream(c.Handler) }

func (c Keep) Decide(s State, now time.Time) ([]events.Event, error) {
	held, is := s.Find(c.Event.Event)
	switch {
	case c.Event.Stream == "" || c.Attempts < 0:
		return nil, ErrMalformed
	case c.Again && !held.Asked, !c.Again && is:
		return nil, nil
	case !is && len(s.Held) >= MaxHeld:
		return nil, ErrFull
	}
	event := c.Event
	event.Type = cut(event.Type, maxType)
	return []events.Event{events.EventPoisoned{Handler: c.Handler, Event: event, Cause: cut(c.Cause, maxCause), Attempts: c.Attempts, At: now}}, nil
}

// cut returns the beginning of a text, and of what is no text nothing.
func cut(text string, most int) string {
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
