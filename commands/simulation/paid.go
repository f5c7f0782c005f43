package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// paid: what is open of an invoice is its total less what was paid, credited and
// written off, never less than nothing; each payment and refund counts once; no
// more goes back than came in; an invoice that is out is asked for soon.
type paid struct {
	open       map[events.InvoiceID]*account
	order      []events.InvoiceID
	references map[string]bool
	exhausted  int
	received   map[string]int64
}

// account is what is known of an invoice that is out.
type account struct {
	currency events.Currency
	since    time.Time
	asked    bool
	open     int64
	paid     int64
	back     int64
}

func newPaid() *paid {
	return &paid{open: map[events.InvoiceID]*account{}, references: map[string]bool{}, received: map[string]int64{}}
}

var _ invariant = (*paid)(nil)

func (p *paid) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.InvoiceIssued:
		p.open[e.Invoice] = &account{currency: e.Sums.Total.Currency, since: n.Time, open: e.Sums.Total.Amount}
		p.order = append(p.order, e.Invoice)
	case events.InvoiceVoided:
		return p.less(n, e.Invoice, e.Sums.Total.Amount, events.Money{Currency: e.Sums.Total.Currency})
	case events.InvoiceWrittenOff:
		return p.less(n, e.Invoice, e.Amount.Amount, events.Money{Currency: e.Amount.Currency})
	case events.CreditNoteIssued:
		if whole(e.Settles) != e.Sums.Total.Amount {
			return p.wrong(n.Time, e.Invoice, "a credit note over %d settles %+v", e.Sums.Total.Amount, e.Settles)
		}
		return p.less(n, e.Invoice, e.Settles.Open.Amount, e.Open)
	case events.PaymentAsked:
		a := p.open[e.Invoice]
		if a.asked = true; e.Amount.Amount <= 0 || e.Amount.Amount > a.open {
			return p.wrong(n.Time, e.Invoice, "%d are asked for, and %d are open", e.Amount.Amount, a.open)
		}
	case events.PaymentSucceeded:
		return p.succeeded(n, e)
	case events.PaymentFailed:
		return p.less(n, e.Invoice, 0, e.Open)
	case events.PaymentRefunded:
		return p.refunded(n, e)
	case events.DunningExhausted:
		p.exhausted++
		return p.less(n, e.Invoice, 0, e.Open)
	}
	return nil
}

func (p *paid) succeeded(n commands.Noted, e events.PaymentSucceeded) error {
	if p.references[e.Reference] || whole(e.Settles) != e.Amount.Amount {
		return p.wrong(n.Time, e.Invoice, "payment %s counts twice, or not as the %d that it is", e.Reference, e.Amount.Amount)
	}
	p.references[e.Reference] = true
	p.open[e.Invoice].paid += e.Amount.Amount
	p.received[string(e.Amount.Currency)] += e.Amount.Amount
	return p.less(n, e.Invoice, e.Settles.Open.Amount, e.Open)
}

func (p *paid) refunded(n commands.Noted, e events.PaymentRefunded) error {
	a := p.open[e.Invoice]
	a.back += e.Amount.Amount
	p.received[string(e.Amount.Currency)] -= e.Amount.Amount
	if whole(e.Settles) != e.Amount.Amount || a.back > a.paid {
		return p.wrong(n.Time, e.Invoice, "%d go back, and %d came in", a.back, a.paid)
	}
	return nil
}

// less takes from what is open, and holds it to what an event says.
func (p *paid) less(n commands.Noted, id events.InvoiceID, amount int64, open events.Money) error {
	a := p.open[id]
	if a == nil {
		return p.wrong(n.Time, id, "%s comes before it is out", n.Event.EventType())
	}
	if a.open -= amount; a.open < 0 || a.open != open.Amount || a.currency != open.Currency {
		return p.wrong(n.Time, id, "%s leaves %d open, and says %v", n.Event.EventType(), a.open, open)
	}
	return nil
}

// whole is what the parts of a settlement sum up to.
func whole(s events.Settlement) int64 {
	return s.Open.Amount + s.WrittenOff.Amount + s.Goodwill.Amount + s.Owed.Amount
}

func (p *paid) check(now time.Time) error {
	waiting := p.order[:0]
	for _, id := range p.order {
		a := p.open[id]
		if a.asked || a.open == 0 {
			continue
		}
		waiting = append(waiting, id)
		if now.Sub(a.since) > worst {
			return p.wrong(now, id, "it is out since %v, and nobody is asked to pay it", now.Sub(a.since))
		}
	}
	p.order = waiting
	return nil
}

func (p *paid) final(now time.Time) error { return p.check(now) }

func (p *paid) wrong(at time.Time, id events.InvoiceID, says string, details ...any) error {
	return &Violation{
		Invariant: "paid", At: at, Says: fmt.Sprintf("invoice %s: ", id) + fmt.Sprintf(says, details...), Streams: []events.Stream{events.InvoiceStream(id)},
	}
}

func (p *paid) tell(r *Report) {
	r.Books.Exhausted, r.Books.Received, r.Books.Open = p.exhausted, p.received, map[string]int64{}
	for _, a := range p.open {
		r.Books.Open[string(a.currency)] += a.open
	}
}
