package poison

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Replay asks the handler to handle an event again. It may be asked again:
// a handler that did not run may not have heard of it.
type Replay struct {
	Handler events.HandlerID
	Event   events.EventID
}

func (c Replay) Target() events.Stream { return events.PoisonStream(c.Handler) }

func (c Replay) Decide(s State, now time.Time) ([]events.Event, error) {
	held, is := s.Find(c.Event)
	if !is {
		return nil, ErrNotHeld
	}
	return []events.Event{events.PoisonReplayAsked{Handler: c.Handler, Event: held.Event, At: now}}, nil
}
