package events

import (
	"fmt"
	"time"
)

// GatewayID names a gateway; its form is that of a GameID.
type GatewayID string

// ParseGatewayID checks the form.
func ParseGatewayID(text string) (GatewayID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("gateway id %q: %w", text, err)
	}
	return GatewayID(text), nil
}

// GatewayStream is where a gateway is kept.
func GatewayStream(id GatewayID) Stream { return Stream("gateway-" + string(id)) }

// GatewayRegistered: a process of the gateway has come. Incarnation tells it
// from earlier ones.
type GatewayRegistered struct {
	Gateway     GatewayID `json:"gateway"`
	Incarnation string    `json:"incarnation"`
	Address     string    `json:"address,omitempty"` // where it is asked whether it is there; empty: it is not asked
	At          time.Time `json:"at"`
}

// GatewayLost: the process is gone without a farewell, and with it every
// connection that it held.
type GatewayLost struct {
	Gateway     GatewayID `json:"gateway"`
	Incarnation string    `json:"incarnation"`
	At          time.Time `json:"at"`
}

// GatewayStopped: the process has ended in good order.
type GatewayStopped struct {
	Gateway     GatewayID `json:"gateway"`
	Incarnation string    `json:"incarnation"`
	At          time.Time `json:"at"`
}

func (GatewayRegistered) EventType() string { return "GatewayRegistered" }
func (GatewayLost) EventType() string       { return "GatewayLost" }
func (GatewayStopped) EventType() string    { return "GatewayStopped" }

func (GatewayRegistered) event() {}
func (GatewayLost) event()       {}
func (GatewayStopped) event()    {}
