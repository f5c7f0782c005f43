package poison

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Drop gives an event up: the handler is done without it.
type Drop struct {
	Handler events.HandlerID
	Event   events.EventID
}

func (c Drop) Target() events.Stream { return events.PoisonStream(c.Handler) }

func (c Drop) Decide(s State, now time.Time) ([]events.Event, error) {
	if _, is := s.Find(c.Event); !is {
		return nil, ErrNotHeld
	}
	return []events.Event{events.PoisonDropped{Handler: c.Handler, Event: c.Event, At: now}}, nil
}
