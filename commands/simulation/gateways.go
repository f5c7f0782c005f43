package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/events"
)

// gateways are what players speak to the platform through.
type gateways struct {
	all  []*gateway
	byID map[events.GatewayID]*gateway
}

// gateway is one of them: a process, then its next one.
type gateway struct {
	id      events.GatewayID
	handler *commands.Handler
	process int
	up      bool // and registered
}

func newGateways(w *world) *gateways {
	gs := &gateways{byID: map[events.GatewayID]*gateway{}}
	for i := range 3 {
		g := &gateway{id: events.GatewayID(fmt.Sprintf("g%d-%d", w.Seed, i))}
		gs.all, gs.byID[g.id] = append(gs.all, g), g
	}
	return gs
}

func (gs *gateways) begin(w *world) {
	for _, g := range gs.all {
		w.in(0, func(ctx context.Context) { g.start(ctx, w) })
	}
}

// of returns the first that is up, from a player's own on; nil: none is.
func (gs *gateways) of(player int) *gateway {
	for i := range gs.all {
		if g := gs.all[(player+i)%len(gs.all)]; g.up {
			return g
		}
	}
	return nil
}

func (g *gateway) incarnation() string { return fmt.Sprintf("%s-%d", g.id, g.process) }

// start begins the next process. It serves nobody before it is registered.
func (g *gateway) start(ctx context.Context, w *world) {
	g.process++
	g.up, g.handler = false, commands.NewHandler(w.store, w.clock)
	process := g.process
	origin := commands.Origin{ID: w.commandID("register " + g.incarnation()), Actor: events.BySystem("gateway")}
	w.do(ctx, g.handler, commands.Issue(gatewaylease.Register{
		Gateway: g.id, Incarnation: g.incarnation(), Address: string(g.id) + ":8000",
	}, origin), func() bool { return g.process == process })
}

func (gs *gateways) saw(w *world, n commands.Noted) {
	switch e := n.Event.(type) {
	case events.GatewayRegistered:
		if g := gs.byID[e.Gateway]; g.incarnation() == e.Incarnation {
			g.up = true
		}
	case events.GatewayLost:
		if g := gs.byID[e.Gateway]; g.up && g.incarnation() == e.Incarnation { // it was taken for dead: it begins anew
			gs.stop(w, g, 5*time.Second)
		}
	}
}

// crash ends a gateway's process without a word.
func (gs *gateways) crash(w *world, f fault) {
	if g := gs.all[f.which%len(gs.all)]; g.up {
		gs.stop(w, g, f.lasts)
	}
}

func (gs *gateways) stop(w *world, g *gateway, pause time.Duration) {
	g.up = false
	w.people.cutOff(w, g)
	w.in(pause, func(ctx context.Context) { g.start(ctx, w) })
}

// answers says whether the process that holds a lease tells a runner that it is
// there.
func (gs *gateways) answers(h commands.Holder[events.GatewayID]) bool {
	g := gs.byID[h.Name]
	return g.up && g.incarnation() == h.Incarnation
}
