package billing

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Arrears ends the subscription of a player who has not paid an invoice in spite
// of all reminders.
type Arrears struct {
	subscribed map[events.PlayerID]events.SubscriptionID
	open       []unpaid
}

type unpaid struct {
	end   End
	cause commands.Cause
}

// NewArrears returns the policy before the first event.
func NewArrears() *Arrears {
	return &Arrears{subscribed: map[events.PlayerID]events.SubscriptionID{}}
}

var _ commands.Policy = (*Arrears)(nil)

func (*Arrears) Name() string { return "arrears" }

func (p *Arrears) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		p.subscribed[e.Player] = e.Subscription
	case events.SubscriptionEnded:
		delete(p.subscribed, e.Player)
		p.settle(e.Subscription)
	case events.DunningExhausted:
		if id, known := p.subscribed[e.Player]; known {
			p.settle(id)
			p.open = append(p.open, unpaid{End{Player: e.Player, Subscription: id, Reason: events.SubscriptionUnpaid}, n.Cause})
		}
	}
}

func (p *Arrears) settle(id events.SubscriptionID) {
	for i, u := range p.open {
		if u.end.Subscription == id {
			p.open = append(p.open[:i], p.open[i+1:]...)
			return
		}
	}
}

func (p *Arrears) Due(time.Time) []commands.Order {
	orders := make([]commands.Order, 0, len(p.open))
	for _, u := range p.open {
		orders = append(orders, commands.Issue(u.end, commands.Because(u.cause, p.Name(), "end "+u.end.Subscription.String())))
	}
	return orders
}
