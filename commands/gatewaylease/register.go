package gatewaylease

import (
	"fmt"
	"net"
	"time"

	"github.com/playcast/playcast/events"
)

// maxIncarnation bounds what tells processes apart: a UUID, or something like it.
const maxIncarnation = 64

// What Register refuses.
var (
	ErrMalformed = &events.Fault{Kind: events.Invalid, Code: "gateway-malformed",
		Message: "A gateway needs a name, and its process one of its own."}
	ErrOver = &events.Fault{Kind: events.Conflict, Code: "gateway-process-over",
		Message: "This process of the gateway was lost, or has stopped. Start it anew."}
)

// Register announces a process of a gateway. If the stream says that an earlier
// one still runs, that one is lost, and what it held with it. One that was lost
// can't register again: its connections have been given up.
type Register struct {
	Gateway     events.GatewayID
	Incarnation string
	Address     string
}

func (r Register) Target() events.Stream { return events.GatewayStream(r.Gateway) }

func (r Register) Decide(s State, now time.Time) ([]events.Event, error) {
	if _, err := events.ParseGatewayID(string(r.Gateway)); err != nil {
		return nil, ErrMalformed.With(fmt.Sprintf("%v.", err))
	}
	if _, _, err := net.SplitHostPort(r.Address); r.Address != "" && err != nil {
		return nil, ErrMalformed.With(fmt.Sprintf("A gateway is asked at host:port: %v.", err))
	}
	switch {
	case r.Incarnation == "" || len(r.Incarnation) > maxIncarnation:
		return nil, ErrMalformed
	case s.Incarnation == r.Incarnation && s.Running:
		return nil, nil
	case s.Incarnation == r.Incarnation:
		return nil, ErrOver
	}
	registered := events.GatewayRegistered{Gateway: r.Gateway, Incarnation: r.Incarnation, Address: r.Address, At: now}
	if !s.Running {
		return []events.Event{registered}, nil
	}
	return []events.Event{events.GatewayLost{Gateway: r.Gateway, Incarnation: s.Incarnation, At: now}, registered}, nil
}
