package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/events"
)

// acquaintances are who is whose friend, as players see it.
type acquaintances struct {
	of map[events.PlayerID][]events.PlayerID
}

func newAcquaintances() *acquaintances {
	return &acquaintances{of: map[events.PlayerID][]events.PlayerID{}}
}

// neighbours is how many others each player asks for their friendship.
const neighbours = 3

// begin has players ask each other before the week.
func (a *acquaintances) begin(w *world) {
	for _, p := range w.people.order {
		for i := range neighbours {
			other := w.people.players[playerID(w.Seed, (p.number+i+1)%w.Players)]
			if other == nil || other == p {
				continue
			}
			pair := friends.Pair{By: p.id, To: other.id}
			draw := chanceOf(w.Seed, events.FriendshipOf(pair.By, pair.To))
			a.send(w, within(draw, time.Hour, 20*day), p, "ask", friends.Request{Pair: pair})
		}
	}
}

func (a *acquaintances) saw(w *world, n commands.Noted) {
	switch e := n.Event.(type) {
	case events.FriendRequested:
		if p := w.people.players[e.To]; p != nil && !e.Hidden {
			a.answer(w, p, friends.Pair{By: e.To, To: e.By})
		}
	case events.FriendshipFormed:
		a.of[e.By], a.of[e.To] = append(a.of[e.By], e.To), append(a.of[e.To], e.By)
		draw := chanceOf(w.Seed, events.FriendshipOf(e.To, e.By))
		if p := w.people.players[e.By]; p != nil && draw.IntN(20) == 0 {
			a.send(w, about(draw, 20*day), p, "remove", friends.Remove{Pair: friends.Pair{By: e.By, To: e.To}})
		}
	case events.FriendshipEnded:
		a.forget(e.By, e.To)
		a.forget(e.To, e.By)
	}
}

func (a *acquaintances) answer(w *world, p *player, pair friends.Pair) {
	draw := chanceOf(w.Seed, events.FriendshipOf(pair.By, pair.To))
	after := about(draw, 6*time.Hour)
	switch kind := draw.IntN(20); {
	case kind == 0:
		a.send(w, after, p, "block", friends.Block{Pair: pair})
	case kind < 3:
		a.send(w, after, p, "decline", friends.Decline{Pair: pair})
	default:
		a.send(w, after, p, "accept", friends.Accept{Pair: pair})
	}
}

// send carries a wish of a player's to a gateway. It takes nothing of the player's
// own chance: another player has caused it.
func (a *acquaintances) send(w *world, after time.Duration, p *player, name string, c commands.Command[friends.State]) {
	origin := commands.Origin{ID: w.commandID(fmt.Sprintf("%s %s %s %d", p.id, name, c.Target(), len(w.log))), Actor: events.ByPlayer(p.id)}
	w.in(after, func(ctx context.Context) {
		w.people.reach(ctx, w, p.number, func(ctx context.Context, g *gateway) { w.do(ctx, g.handler, commands.Issue(c, origin), always) })
	})
}

func (a *acquaintances) forget(p, other events.PlayerID) {
	a.of[p] = slices.DeleteFunc(a.of[p], func(id events.PlayerID) bool { return id == other })
}
