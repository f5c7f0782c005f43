package gatewaylease

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrDisplaced tells a process that another one has its gateway's name.
var ErrDisplaced = &events.Fault{Kind: events.Conflict, Code: "gateway-displaced",
	Message: "Another playcast has registered a gateway of the same name. Give one of them another name with --gateway-name."}

// Renew asks whether a process is still the one that its gateway has. Nothing
// ever follows from it: one that is refused is gone to everybody else, with all
// that it held, and may register anew, unless another has taken its place.
type Renew struct {
	Gateway     events.GatewayID
	Incarnation string
}

func (r Renew) Target() events.Stream { return events.GatewayStream(r.Gateway) }

func (r Renew) Decide(s State, _ time.Time) ([]events.Event, error) {
	switch {
	case s.Running && s.Incarnation == r.Incarnation:
		return nil, nil
	case s.Running:
		return nil, ErrDisplaced
	}
	return nil, ErrOver
}
