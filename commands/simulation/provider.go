package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

// provider takes payments and pays back, as it is asked by the log. It calls back
// when it has, or has not: late, twice, or never. As an invariant it holds the log
// to what it really did.
type provider struct {
	handler *commands.Handler
	took    map[events.PaymentID]events.Money
	gave    map[events.RefundID]events.Money
	called  []events.PaymentID // of took, in the order in which it called back
	known   map[events.PaymentID]bool
	paid    map[events.RefundID]bool
}

func newProvider(w *world) *provider {
	return &provider{
		handler: commands.NewHandler(w.store, w.clock), took: map[events.PaymentID]events.Money{}, gave: map[events.RefundID]events.Money{},
		known: map[events.PaymentID]bool{}, paid: map[events.RefundID]bool{},
	}
}

var _ invariant = (*provider)(nil)

func (p *provider) begin(*world) {}

func (p *provider) saw(w *world, n commands.Noted) {
	switch e := n.Event.(type) {
	case events.PaymentAsked:
		p.asked(w, e)
	case events.RefundAsked:
		p.askedBack(w, e)
	}
}

// asked draws what becomes of a payment. Some players' cards never work.
func (p *provider) asked(w *world, e events.PaymentAsked) {
	draw := chanceOf(w.Seed, e.Payment)
	soon := within(draw, time.Second, 30*time.Second)
	kind := draw.IntN(100)
	if w.people.broke(e.Player) {
		kind = 85
	}
	switch {
	case kind < 84:
		p.succeeds(w, e, soon, draw.IntN(10) == 0)
	case kind < 92:
		reason := events.PaymentDeclined
		if kind%2 == 0 {
			reason = events.PaymentFundsMissing
		}
		p.call(w, soon, "fail "+e.Payment.String(), draw.IntN(10) == 0, func(o commands.Origin) commands.Order {
			return commands.Issue(invoice.Fail{Invoice: e.Invoice, Payment: e.Payment, Reason: reason}, o)
		})
	case kind < 96:
		p.succeeds(w, e, about(draw, 10*time.Hour), true)
	case kind < 98: // so late that it was asked again
		p.succeeds(w, e, 3*day+about(draw, 10*time.Hour), true)
	}
}

func (p *provider) succeeds(w *world, e events.PaymentAsked, after time.Duration, twice bool) {
	w.in(after, func(context.Context) {
		if _, took := p.took[e.Payment]; !took {
			p.took[e.Payment] = e.Amount
			p.called = append(p.called, e.Payment)
		}
	})
	p.call(w, after, "succeed "+e.Payment.String(), twice, func(o commands.Origin) commands.Order {
		return commands.Issue(invoice.Succeed{Invoice: e.Invoice, Payment: e.Payment, Reference: "ch_" + e.Payment.String(), Amount: e.Amount}, o)
	})
}

func (p *provider) askedBack(w *world, e events.RefundAsked) {
	draw := chanceOf(w.Seed, e.Refund)
	after, twice := within(draw, time.Minute, time.Hour), draw.IntN(10) == 0
	if draw.IntN(20) == 0 {
		p.call(w, after, "fail "+e.Refund.String(), twice, func(o commands.Origin) commands.Order {
			return commands.Issue(invoice.FailRefund{Invoice: e.Invoice, Refund: e.Refund}, o)
		})
		return
	}
	w.in(after, func(context.Context) { p.gave[e.Refund] = e.Amount })
	p.call(w, after, "refund "+e.Refund.String(), twice, func(o commands.Origin) commands.Order {
		return commands.Issue(invoice.Refund{Invoice: e.Invoice, Payment: e.Payment, Refund: e.Refund, Amount: e.Amount}, o)
	})
}

// call calls back until it is answered, and where twice is said once more, as
// another command.
func (p *provider) call(w *world, after time.Duration, name string, twice bool, order func(commands.Origin) commands.Order) {
	times := 1
	if twice {
		times = 2
	}
	for i := range times {
		origin := commands.Origin{ID: w.commandID(fmt.Sprintf("provider %s %d", name, i)), Actor: events.BySystem("payments")}
		w.in(after+time.Duration(i)*7*time.Minute, func(ctx context.Context) { w.do(ctx, p.handler, order(origin), always) })
	}
}

func (p *provider) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.PaymentSucceeded:
		if amount, took := p.took[e.Payment]; !took || amount != e.Amount || p.known[e.Payment] {
			return p.wrong(n.Time, e.Invoice, "payment %s of %v is in the log, and %v was taken", e.Payment, e.Amount, amount)
		}
		p.known[e.Payment] = true
	case events.PaymentRefunded:
		if amount, gave := p.gave[e.Refund]; !gave || amount != e.Amount || p.paid[e.Refund] {
			return p.wrong(n.Time, e.Invoice, "refund %s of %v is in the log, and %v was given", e.Refund, e.Amount, amount)
		}
		p.paid[e.Refund] = true
	}
	return nil
}

func (p *provider) check(time.Time) error { return nil }

// final wants all money that moved to be in the log.
func (p *provider) final(now time.Time) error {
	for _, id := range p.called {
		if !p.known[id] {
			return p.wrong(now, events.InvoiceID{}, "payment %s of %v was taken, and is not in the log", id, p.took[id])
		}
	}
	if len(p.gave) != len(p.paid) {
		return p.wrong(now, events.InvoiceID{}, "%d refunds were given, and %d are in the log", len(p.gave), len(p.paid))
	}
	return nil
}

func (p *provider) wrong(at time.Time, id events.InvoiceID, says string, details ...any) error {
	return &Violation{Invariant: "provider", At: at, Says: fmt.Sprintf(says, details...), Streams: []events.Stream{events.InvoiceStream(id)}}
}

func (p *provider) tell(r *Report) { r.Books.Payments, r.Books.Refunds = len(p.known), len(p.paid) }
