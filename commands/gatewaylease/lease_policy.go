package gatewaylease

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Leases loses gateways that answer no more.
//
//	GatewayRegistered ─▶ asked, and no answer too often in a row ─▶ Lose
type Leases struct {
	commands.Leases[events.GatewayID]
}

// NewLeases returns the policy before the first event.
func NewLeases() *Leases { return &Leases{} }

var _ commands.Policy = (*Leases)(nil)

func (*Leases) Name() string { return "gateway-leases" }

func (p *Leases) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.GatewayRegistered:
		p.Begin(commands.Holder[events.GatewayID]{Name: e.Gateway, Incarnation: e.Incarnation, Address: e.Address}, n.Cause)
	case events.GatewayLost:
		p.End(e.Gateway)
	case events.GatewayStopped:
		p.End(e.Gateway)
	}
}

func (p *Leases) Due(time.Time) []commands.Order {
	return p.Lost(func(h commands.Holder[events.GatewayID], cause commands.Cause) commands.Order {
		return commands.Issue(Lose{Gateway: h.Name, Incarnation: h.Incarnation}, commands.Because(cause, p.Name(), "lose"))
	})
}
