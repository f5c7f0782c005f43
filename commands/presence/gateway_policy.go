package presence

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Stranded disconnects the connections of gateways' processes that are gone. It
// keeps the process that each gateway has, and the connections there are. A
// connection that comes to be known only after its process was lost, or whose
// gateway never registered, is stranded as well: nobody would ever end it.
//
//	GatewayLost, GatewayStopped, another process ─▶ Disconnect, for each connection
type Stranded struct {
	processes map[events.GatewayID]string            // the incarnation that runs
	held      map[process]map[holding]commands.Cause // connections, by who holds them
	where     map[holding]process
	stranded  []stranding // in the order in which it was noticed
}

type process struct {
	gateway     events.GatewayID
	incarnation string
}

type holding struct {
	player     events.PlayerID
	connection events.ConnectionID
}

type stranding struct {
	holding
	cause  commands.Cause
	issued time.Time
}

// NewStranded returns the policy before the first event.
func NewStranded() *Stranded {
	return &Stranded{
		processes: map[events.GatewayID]string{},
		held:      map[process]map[holding]commands.Cause{}, where: map[holding]process{},
	}
}

var _ commands.Policy = (*Stranded)(nil)

func (*Stranded) Name() string { return "presence-gateways" }

func (p *Stranded) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.GatewayRegistered:
		p.processes[e.Gateway] = e.Incarnation
	case events.GatewayLost:
		p.gone(process{e.Gateway, e.Incarnation})
	case events.GatewayStopped:
		p.gone(process{e.Gateway, e.Incarnation})
	case events.DeviceConnected:
		p.connected(e, n.Cause)
	case events.DeviceDisconnected:
		p.disconnected(holding{e.Player, e.Connection.ID})
	}
}

func (p *Stranded) connected(e events.DeviceConnected, cause commands.Cause) {
	at, h := process{e.Connection.Gateway, e.Connection.Incarnation}, holding{e.Player, e.Connection.ID}
	if p.processes[at.gateway] != at.incarnation {
		p.stranded = append(p.stranded, stranding{holding: h, cause: cause})
		return
	}
	if p.held[at] == nil {
		p.held[at] = map[holding]commands.Cause{}
	}
	p.held[at][h], p.where[h] = cause, at
}

func (p *Stranded) disconnected(h holding) {
	if at, held := p.where[h]; held {
		delete(p.where, h)
		if delete(p.held[at], h); len(p.held[at]) == 0 {
			delete(p.held, at)
		}
		return
	}
	p.stranded = slices.DeleteFunc(p.stranded, func(s stranding) bool { return s.holding == h })
}

// gone strands what a process held.
func (p *Stranded) gone(at process) {
	if p.processes[at.gateway] == at.incarnation {
		delete(p.processes, at.gateway)
	}
	first := len(p.stranded)
	for h, cause := range p.held[at] {
		delete(p.where, h)
		p.stranded = append(p.stranded, stranding{holding: h, cause: cause})
	}
	delete(p.held, at)
	slices.SortFunc(p.stranded[first:], func(a, b stranding) int {
		return cmp.Or(cmp.Compare(a.player, b.player), cmp.Compare(a.connection, b.connection))
	})
}

func (p *Stranded) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	for i := range p.stranded {
		s := &p.stranded[i]
		if len(orders) == batch {
			break
		}
		if !commands.Repeatable(s.issued, now) {
			continue
		}
		s.issued = now
		disconnect := Disconnect{Player: s.player, Connection: s.connection, Cause: events.DisconnectGatewayGone}
		orders = append(orders, commands.Issue(disconnect, commands.Because(s.cause, p.Name(), "disconnect")))
	}
	return orders
}
