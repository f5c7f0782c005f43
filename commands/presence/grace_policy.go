package presence

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Lingering settles devices that do not come back in time. It keeps those that
// linger.
type Lingering struct {
	of     map[events.PlayerID]map[events.ConnectionID]events.DeviceID
	agenda commands.Agenda[holding]
}

// NewLingering returns the policy before the first event.
func NewLingering() *Lingering {
	return &Lingering{of: map[events.PlayerID]map[events.ConnectionID]events.DeviceID{}}
}

var _ commands.Policy = (*Lingering)(nil)

func (*Lingering) Name() string { return "presence-grace" }

func (p *Lingering) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.DeviceDisconnected:
		if p.of[e.Player] == nil {
			p.of[e.Player] = map[events.ConnectionID]events.DeviceID{}
		}
		p.of[e.Player][e.Connection.ID] = e.Connection.Device
		p.agenda.Put(holding{e.Player, e.Connection.ID}, e.At.Add(Grace),
			commands.Issue(Settle{Player: e.Player, Connection: e.Connection.ID}, commands.Because(n.Cause, p.Name(), "settle")))
	case events.DeviceConnected:
		for connection, device := range p.of[e.Player] {
			if device == e.Connection.Device {
				p.forget(holding{e.Player, connection})
			}
		}
	case events.DeviceGone:
		p.forget(holding{e.Player, e.Connection})
	}
}

func (p *Lingering) forget(h holding) {
	p.agenda.Drop(h)
	if delete(p.of[h.player], h.connection); len(p.of[h.player]) == 0 {
		delete(p.of, h.player)
	}
}

func (p *Lingering) Due(now time.Time) []commands.Order { return p.agenda.Due(now) }
