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

// Settle records that the handler has handled an event again as it was asked.
type Settle struct {
	Handler events.HandlerID
	Event   events.EventID
}

func (c Settle) Target() events.Stream { return events.PoisonStream(c.Handler) }

func (c Settle) Decide(s State, now time.Time) ([]events.Event, error) {
	if held, _ := s.Find(c.Event); !held.Asked {
		return nil, nil
	}
	return []events.Event{events.PoisonReplayed{Handler: c.Handler, Event: c.Event, At: now}}, nil
}
