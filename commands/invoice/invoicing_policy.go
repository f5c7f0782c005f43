package invoice

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Invoicing bills what accounts are charged: a period, a change within one and
// credits at once, play beyond the plan with the next period or the end. The
// invoice's id derives from the event that is billed.
type Invoicing struct {
	rate    int // of tax, in basis points
	overage map[events.PlayerID][]Line
	open    []billing // in the order of their charges
}

type billing struct {
	bill  Bill
	cause commands.Cause
}

// NewInvoicing returns the policy before the first event.
func NewInvoicing(taxRate int) *Invoicing {
	return &Invoicing{rate: taxRate, overage: map[events.PlayerID][]Line{}}
}

var _ commands.Policy = (*Invoicing)(nil)

func (*Invoicing) Name() string { return "invoicing" }

func (p *Invoicing) Evolve(n commands.Noted) {
	source := events.LineSource{Event: n.Cause.Event}
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		source.Subscription, source.Period = e.Subscription.String(), e.Period.Number
		p.bill(n, e.Player, p.line(events.LineSubscription, "subscription.period", e.Charge, source))
	case events.SubscriptionRenewed:
		source.Subscription, source.Period = e.Subscription.String(), e.Period.Number
		p.close(n, e.Player, p.line(events.LineSubscription, "subscription.period", e.Charge, source))
	case events.SubscriptionResumed:
		source.Subscription = e.Subscription.String()
		p.bill(n, e.Player, p.line(events.LineSubscription, "subscription.period", e.Charge, source))
	case events.SubscriptionChanged:
		source.Subscription, source.Period = e.Subscription.String(), e.Period
		p.bill(n, e.Player, p.line(events.LineProration, "subscription.change", e.Charge, source))
	case events.SubscriptionEnded:
		p.close(n, e.Player, Line{})
	case events.CreditGranted:
		p.bill(n, e.Player, p.line(events.LineCredits, "credits.bought", e.Charge, source))
	case events.PlaytimeCharged:
		source.Session, source.Segment, source.Period = e.Session, e.Segment.Number, e.Period
		if e.Overage.Charge.Positive() {
			p.overage[e.Player] = append(p.overage[e.Player], p.line(events.LinePlaytime, "playtime.overage", e.Overage.Charge, source))
		}
	case events.InvoiceDrafted:
		for i, b := range p.open {
			if b.bill.Invoice == e.Invoice {
				p.open = append(p.open[:i], p.open[i+1:]...)
				return
			}
		}
	}
}

func (p *Invoicing) Due(time.Time) []commands.Order {
	var orders []commands.Order
	for _, b := range p.open[:min(atOnce, len(p.open))] {
		orders = append(orders, commands.Issue(b.bill, commands.Because(b.cause, p.Name(), "bill")))
	}
	return orders
}

func (p *Invoicing) line(kind events.LineKind, text string, price events.Money, source events.LineSource) Line {
	return Line{Kind: kind, Text: text, Quantity: 1, Per: 1, Price: price, TaxRate: p.rate, Sources: []events.LineSource{source}}
}

// close bills what was played beyond the plan, with what follows it.
func (p *Invoicing) close(n commands.Noted, player events.PlayerID, next Line) {
	lines := append(p.overage[player], next)
	delete(p.overage, player)
	p.bill(n, player, lines...)
}

func (p *Invoicing) bill(n commands.Noted, player events.PlayerID, lines ...Line) {
	bill := Bill{Invoice: events.InvoiceOf(n.Cause.Event), Player: player}
	for _, line := range lines {
		if line.Price.Positive() {
			bill.Currency, bill.Lines = line.Price.Currency, append(bill.Lines, line)
		}
	}
	if len(bill.Lines) > 0 {
		p.open = append(p.open, billing{bill, n.Cause})
	}
}
