package gatewaylease

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Stop announces that a gateway's process ends in good order.
type Stop struct {
	Gateway     events.GatewayID
	Incarnation string
}

func (c Stop) Target() events.Stream { return events.GatewayStream(c.Gateway) }

func (c Stop) Decide(s State, now time.Time) ([]events.Event, error) {
	if !s.Running || s.Incarnation != c.Incarnation {
		return nil, nil
	}
	return []events.Event{events.GatewayStopped{Gateway: c.Gateway, Incarnation: c.Incarnation, At: now}}, nil
}
