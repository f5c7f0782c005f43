package billing

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Arrears ends the subscription that an invoice is about, which the player has
// not paid in spite of all reminders. Another one, and credits, are none of its
// business.
//
//	InvoiceLineAdded ─ of a subscription ─▶ owing ─ DunningExhausted ─▶ End
//	                                         └─ paid, credited, voided, written off ─▶ (nothing)
type Arrears struct {
	seen       commands.Recent
	subscribed map[events.SubscriptionID]events.PlayerID
	owing      map[events.InvoiceID][]events.SubscriptionID // of invoices that are open
	open       []unpaid
}

type unpaid struct {
	invoice events.InvoiceID
	end     End
	cause   commands.Cause
}

// NewArrears returns the policy before the first event.
func NewArrears() *Arrears {
	return &Arrears{subscribed: map[events.SubscriptionID]events.PlayerID{}, owing: map[events.InvoiceID][]events.SubscriptionID{}}
}

var _ commands.Policy = (*Arrears)(nil)

func (*Arrears) Name() string { return "arrears" }

func (p *Arrears) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		if !p.seen.Again(n.Cause.Event) {
			p.subscribed[e.Subscription] = e.Player
		}
	case events.SubscriptionEnded:
		delete(p.subscribed, e.Subscription)
		p.open = slices.DeleteFunc(p.open, func(u unpaid) bool { return u.end.Subscription == e.Subscription })
	case events.InvoiceLineAdded:
		if !p.seen.Again(n.Cause.Event) {
			p.owes(e.Invoice, e.Line.Sources)
		}
	case events.DunningExhausted:
		p.exhausted(n, e)
	default:
		if invoice, over := settled(e); over {
			delete(p.owing, invoice)
			p.open = slices.DeleteFunc(p.open, func(u unpaid) bool { return u.invoice == invoice })
		}
	}
}

// settled says which invoice nothing is owed of any more after an event.
func settled(e events.Event) (events.InvoiceID, bool) {
	switch e := e.(type) {
	case events.PaymentSucceeded:
		return e.Invoice, !e.Open.Positive()
	case events.CreditNoteIssued:
		return e.Invoice, !e.Open.Positive()
	case events.InvoiceIssued:
		return e.Invoice, !e.Sums.Total.Positive()
	case events.InvoiceDiscarded:
		return e.Invoice, true
	case events.InvoiceVoided:
		return e.Invoice, true
	case events.InvoiceWrittenOff:
		return e.Invoice, true
	}
	return events.InvoiceID{}, false
}

func (p *Arrears) owes(invoice events.InvoiceID, sources []events.LineSource) {
	for _, source := range sources {
		id, err := events.ParseSubscriptionID(source.Subscription)
		if _, runs := p.subscribed[id]; err == nil && runs && !slices.Contains(p.owing[invoice], id) {
			p.owing[invoice] = append(p.owing[invoice], id)
		}
	}
}

func (p *Arrears) exhausted(n commands.Noted, e events.DunningExhausted) {
	for _, id := range p.owing[e.Invoice] {
		if player, runs := p.subscribed[id]; runs && player == e.Player {
			p.open = append(p.open, unpaid{e.Invoice, End{Player: player, Subscription: id, Reason: events.SubscriptionUnpaid}, n.Cause})
		}
	}
	delete(p.owing, e.Invoice)
}

func (p *Arrears) Due(time.Time) []commands.Order {
	orders := make([]commands.Order, 0, len(p.open))
	for _, u := range p.open {
		orders = append(orders, commands.Issue(u.end, commands.Because(u.cause, p.Name(), "end "+u.end.Subscription.String())))
	}
	return orders
}
