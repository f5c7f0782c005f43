package poison

import (
	"time"

	"github.com/playcast/playcast/events"
)

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
