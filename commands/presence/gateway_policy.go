package presence

import (
	"cmp"
	"maps"
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
	stranded  commands.Agenda[holding]
}

type process struct {
	gateway     events.GatewayID
	incarnation string
}

type holding struct {
	player     events.PlayerID
	connection events.ConnectionID
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
		p.strand(h, cause)
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
	p.stranded.Drop(h)
}

// gone strands what a process held.
func (p *Stranded) gone(at process) {
	if p.processes[at.gateway] == at.incarnation {
		delete(p.processes, at.gateway)
	}
	held := p.held[at]
	delete(p.held, at)
	for _, h := range slices.SortedFunc(maps.Keys(held), compareHolding) {
		delete(p.where, h)
		p.strand(h, held[h])
	}
}

func compareHolding(a, b holding) int {
	return cmp.Or(cmp.Compare(a.player, b.player), cmp.Compare(a.connection, b.connection))
}

func (p *Stranded) strand(h holding, cause commands.Cause) {
	disconnect := Disconnect{Player: h.player, Connection: h.connection, Cause: events.DisconnectGatewayGone}
	p.stranded.Put(h, time.Time{}, commands.Issue(disconnect, commands.Because(cause, p.Name(), "disconnect")))
}

func (p *Stranded) Due(now time.Time) []commands.Order { return p.stranded.Due(now) }
