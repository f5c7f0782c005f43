package simulation

import (
	"context"
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
			w.in(within(p.chance, time.Hour, 20*day), func(ctx context.Context) {
				w.people.send(ctx, w, p, commands.Issue(friends.Request{Pair: pair}, p.wish(w)))
			})
		}
	}
}

func (a *acquaintances) saw(w *world, n commands.Noted) {
	switch e := n.Event.(type) {
	case events.FriendRequested:
		if p := w.people.players[e.To]; p != nil && !e.Hidden {
			w.in(about(p.chance, 6*time.Hour), func(ctx context.Context) { a.answer(ctx, w, p, friends.Pair{By: e.To, To: e.By}) })
		}
	case events.FriendshipFormed:
		a.of[e.By], a.of[e.To] = append(a.of[e.By], e.To), append(a.of[e.To], e.By)
		if p := w.people.players[e.By]; p != nil && p.chance.IntN(20) == 0 {
			w.in(about(p.chance, 20*day), func(ctx context.Context) {
				w.people.send(ctx, w, p, commands.Issue(friends.Remove{Pair: friends.Pair{By: e.By, To: e.To}}, p.wish(w)))
			})
		}
	case events.FriendshipEnded:
		a.forget(e.By, e.To)
		a.forget(e.To, e.By)
	}
}

func (a *acquaintances) answer(ctx context.Context, w *world, p *player, pair friends.Pair) {
	var order commands.Order
	switch draw := p.chance.IntN(20); {
	case draw == 0:
		order = commands.Issue(friends.Block{Pair: pair}, p.wish(w))
	case draw < 3:
		order = commands.Issue(friends.Decline{Pair: pair}, p.wish(w))
	default:
		order = commands.Issue(friends.Accept{Pair: pair}, p.wish(w))
	}
	w.people.send(ctx, w, p, order)
}

func (a *acquaintances) forget(p, other events.PlayerID) {
	a.of[p] = slices.DeleteFunc(a.of[p], func(id events.PlayerID) bool { return id == other })
}
