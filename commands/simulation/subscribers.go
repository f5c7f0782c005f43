package simulation

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/events"
)

// choice draws a plan, as often as it is liked.
func choice(r *rand.Rand) int {
	draw := r.IntN(100)
	for i, p := range offered {
		if draw -= p.weight; draw < 0 {
			return i
		}
	}
	return 0
}

func (ps *people) broke(id events.PlayerID) bool {
	p := ps.players[id]
	return p != nil && p.habits.broke
}

// enrol has a player subscribe before the week, if they do, and change their
// mind now and then.
func (ps *people) enrol(w *world, p *player) {
	at := within(p.chance, time.Hour, start.Sub(opening)-time.Hour)
	if !p.habits.saves {
		w.in(at, func(ctx context.Context) { ps.subscribe(ctx, w, p) })
	}
	w.in(at+about(p.chance, 15*day), func(ctx context.Context) { ps.reconsider(ctx, w, p) })
}

func (ps *people) subscribe(ctx context.Context, w *world, p *player) {
	if offer, ok := w.gate.offers[offered[p.habits.plan].plan]; ok {
		origin := p.wish(w)
		ps.send(ctx, w, p, commands.Issue(billing.Start{Player: p.id, Subscription: events.SubscriptionOf(origin.ID), Offer: offer}, origin))
	}
}

// reconsider changes something about how a player pays.
func (ps *people) reconsider(ctx context.Context, w *world, p *player) {
	if ps.closed {
		return
	}
	w.in(about(p.chance, 20*day), func(ctx context.Context) { ps.reconsider(ctx, w, p) })
	id := w.gate.accounts[p.id].Subscription.ID
	switch draw := p.chance.IntN(100); {
	case draw < 30:
		ps.change(ctx, w, p, p.chance.IntN(len(offered)))
	case draw < 50:
		ps.send(ctx, w, p, commands.Issue(billing.Cancel{Player: p.id, Subscription: id}, p.wish(w)))
		if draw < 40 {
			w.in(about(p.chance, day), func(ctx context.Context) {
				ps.send(ctx, w, p, commands.Issue(billing.Keep{Player: p.id, Subscription: id}, p.wish(w)))
			})
		}
	case draw < 60:
		ps.send(ctx, w, p, commands.Issue(billing.Pause{Player: p.id, Subscription: id}, p.wish(w)))
	case draw < 70:
		ps.send(ctx, w, p, commands.Issue(billing.Limit{Player: p.id, Most: events.Money{Amount: 300, Currency: p.currency()}}, p.wish(w)))
	default:
		ps.buy(ctx, w, p)
	}
}

func (p *player) currency() events.Currency { return offered[p.habits.plan].terms.Price.Currency }

func (ps *people) change(ctx context.Context, w *world, p *player, to int) {
	offer, ok := w.gate.offers[offered[to].plan]
	if ok {
		ps.send(ctx, w, p, commands.Issue(billing.Change{Player: p.id, Subscription: w.gate.accounts[p.id].Subscription.ID, Offer: offer}, p.wish(w)))
	}
}

// buy buys hours; some of them expire within the week.
func (ps *people) buy(ctx context.Context, w *world, p *player) {
	origin := p.wish(w)
	grant := billing.Grant{
		Player: p.id, Credit: events.CreditOf(origin.ID), Play: time.Duration(2+p.chance.IntN(6)) * time.Hour,
		Price: events.Money{Amount: 599, Currency: p.currency()}, Priority: p.chance.IntN(3),
	}
	if p.chance.IntN(3) == 0 {
		grant.Expires = w.now.Add(within(p.chance, 12*time.Hour, 5*day))
	}
	ps.send(ctx, w, p, commands.Issue(grant, origin))
}

// remedy does something about a refusal, and says whether it is worth to try
// again.
func (ps *people) remedy(ctx context.Context, w *world, p *player, refusal string) bool {
	again := p.chance.IntN(5) > 0
	switch refusal {
	case billing.ErrNoPlan.Code, billing.ErrCreditsSpent.Code:
		if p.habits.saves = p.chance.IntN(3) == 0; p.habits.saves {
			ps.buy(ctx, w, p)
		} else {
			ps.subscribe(ctx, w, p)
		}
	case billing.ErrPaused.Code:
		ps.send(ctx, w, p, commands.Issue(billing.Resume{Player: p.id, Subscription: w.gate.accounts[p.id].Subscription.ID}, p.wish(w)))
	case billing.ErrSpent.Code:
		ps.buy(ctx, w, p)
	case billing.ErrSpendingLimit.Code:
		ps.send(ctx, w, p, commands.Issue(billing.Unlimit{Player: p.id}, p.wish(w)))
	default:
		return false
	}
	return again
}
