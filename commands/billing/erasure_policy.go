package billing

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Erasing ends the subscriptions of players who are erased, who would else be
// charged for ever. What they owe stays owed, and credits lapse in their time.
//
//	PlayerErased ─▶ End ─▶ SubscriptionEnded
type Erasing struct {
	seen       commands.Recent
	subscribed map[events.PlayerID]events.SubscriptionID
	erased     map[events.PlayerID]bool
	open       commands.Agenda[events.PlayerID]
}

// NewErasing returns the policy before the first event.
func NewErasing() *Erasing {
	return &Erasing{subscribed: map[events.PlayerID]events.SubscriptionID{}, erased: map[events.PlayerID]bool{}}
}

var _ commands.Refusable = (*Erasing)(nil)

func (*Erasing) Name() string { return "billing-erasure" }

func (p *Erasing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		if !p.seen.Again(n.Cause.Event) {
			p.subscribed[e.Player] = e.Subscription
			p.end(e.Player, n.Cause)
		}
	case events.SubscriptionEnded:
		if p.subscribed[e.Player] == e.Subscription {
			delete(p.subscribed, e.Player)
			p.open.Drop(e.Player)
		}
	case events.PlayerErased:
		p.erased[e.Player] = true
		p.end(e.Player, n.Cause)
	}
}

// end is for who is erased and has a subscription, whichever came first.
func (p *Erasing) end(player events.PlayerID, cause commands.Cause) {
	subscription, subscribed := p.subscribed[player]
	if !subscribed || !p.erased[player] {
		return
	}
	p.open.Put(player, time.Time{}, commands.Issue(
		End{Player: player, Subscription: subscription, Reason: events.SubscriptionErased},
		commands.Because(cause, p.Name(), "end "+subscription.String())))
}

func (p *Erasing) Due(now time.Time) []commands.Order { return p.open.Due(now) }

// Refused has a subscription ended later.
func (p *Erasing) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	if end, is := order.Command.(End); is {
		p.open.Later(end.Player, now)
	}
}
