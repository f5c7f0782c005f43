package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

// connection is a device of a player at a process of a gateway.
type connection struct {
	id      events.ConnectionID
	device  string
	gateway *gateway
	process int
	closed  bool
}

// alive says that the process that holds it is there.
func (c *connection) alive() bool { return c.gateway.up && c.gateway.process == c.process }

// arrive connects who is not there, now and then over two devices.
func (ps *people) arrive(ctx context.Context, w *world, p *player) {
	if len(p.connections) > 0 {
		return
	}
	ps.join(ctx, w, p, "desk")
	if p.chance.IntN(10) == 0 {
		w.in(about(p.chance, 10*time.Minute), func(ctx context.Context) {
			if p.busy(ps) && len(p.connections) < 2 {
				ps.join(ctx, w, p, "phone")
			}
		})
	}
}

// join connects a device to a gateway that is up.
func (ps *people) join(ctx context.Context, w *world, p *player, device string) {
	g := w.gateways.of(p.number)
	if g == nil {
		w.in(5*time.Second, func(ctx context.Context) { ps.join(ctx, w, p, device) })
		return
	}
	p.connected++
	c := &connection{id: events.ConnectionID(fmt.Sprintf("%s-c%d", p.id, p.connected)), device: device, gateway: g, process: g.process}
	p.connections = append(p.connections, c)
	w.do(ctx, g.handler, commands.Issue(presence.Connect{
		Player:     p.id,
		Connection: events.Connection{ID: c.id, Device: events.DeviceID(string(p.id) + "-" + device), Gateway: g.id, Incarnation: g.incarnation()},
	}, p.wish(w)), func() bool { return c.alive() && !c.closed })
	if p.chance.IntN(8) == 0 {
		ps.doze(w, p, c)
	}
}

// doze leaves a device unused for a while.
func (ps *people) doze(w *world, p *player, c *connection) {
	idle := func(after time.Duration, idle bool) {
		order := commands.Issue(presence.Idle{Player: p.id, Connection: c.id, Idle: idle}, p.wish(w))
		w.in(after, func(ctx context.Context) {
			w.do(ctx, c.gateway.handler, order, func() bool { return c.alive() && !c.closed })
		})
	}
	after := about(p.chance, 10*time.Minute)
	idle(after, true)
	idle(after+about(p.chance, 10*time.Minute), false)
}

// depart disconnects who does nothing any more.
func (ps *people) depart(ctx context.Context, w *world, p *player) {
	if p.busy(ps) {
		return
	}
	for _, c := range p.connections {
		c.closed = true
		w.do(ctx, c.gateway.handler, commands.Issue(presence.Disconnect{
			Player: p.id, Connection: c.id, Cause: events.DisconnectClosed,
		}, p.wish(w)), c.alive)
	}
	p.connections = nil
}

// cutOff takes the connections of a gateway's players, and the peers, with it.
// Most come back by another gateway.
func (ps *people) cutOff(w *world, g *gateway) {
	for _, p := range ps.order {
		lost := slices.IndexFunc(p.connections, func(c *connection) bool { return c.gateway == g })
		if lost < 0 {
			continue
		}
		device := p.connections[lost].device
		p.connections = slices.DeleteFunc(p.connections, func(c *connection) bool { return c.gateway == g })
		if v := ps.visits[events.SessionStream(p.session)]; v != nil && v.connected {
			ps.lose(w, v, "the gateway is gone")
		}
		if p.chance.IntN(10) > 0 {
			w.in(within(p.chance, 2*time.Second, 40*time.Second), func(ctx context.Context) {
				if p.busy(ps) && len(p.connections) == 0 {
					ps.join(ctx, w, p, device)
				}
			})
		}
	}
}

// busy says that a player plays, or is in a lobby.
func (p *player) busy(ps *people) bool {
	return p.party != nil || ps.visits[events.SessionStream(p.session)] != nil
}

// home lets who is done go, and come again some day.
func (ps *people) home(w *world, p *player) {
	if p.busy(ps) {
		return
	}
	w.in(within(p.chance, time.Second, 90*time.Second), func(ctx context.Context) { ps.depart(ctx, w, p) })
	ps.later(w, p)
}
