package gatewaylease

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Lose says that a gateway's process is gone without a farewell. One that has
// followed it, or has ended, is left alone.
type Lose struct {
	Gateway     events.GatewayID
	Incarnation string
}

func (l Lose) Target() events.Stream { return events.GatewayStream(l.Gateway) }

func (l Lose) Decide(s State, now time.Time) ([]events.Event, error) {
	if !s.Running || s.Incarnation != l.Incarnation {
		return nil, nil
	}
	return []events.Event{events.GatewayLost{Gateway: l.Gateway, Incarnation: l.Incarnation, At: now}}, nil
}
