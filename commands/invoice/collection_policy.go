package invoice

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Ladder says how often an invoice is tried to be collected, and money to be
// paid back, and when.
type Ladder struct {
	Retries []time.Duration // after a failed attempt, until the next one
	Answer  time.Duration   // for which the provider's answer is waited for
	Refunds []time.Duration // after a failed refund, until the next attempt
}

// DefaultLadder tries five times within sixteen days, and refunds four times
// within eleven.
func DefaultLadder() Ladder {
	const day = 24 * time.Hour
	return Ladder{Retries: []time.Duration{day, 3 * day, 5 * day, 7 * day}, Answer: 3 * day, Refunds: []time.Duration{day, 3 * day, 7 * day}}
}

// Check refuses a ladder that makes no sense.
func (l Ladder) Check() error {
	for _, wait := range slices.Concat(l.Retries, l.Refunds) {
		if wait <= 0 {
			return fmt.Errorf("a retry follows %s after a failed attempt: want more than nothing", wait)
		}
	}
	if l.Answer <= 0 {
		return fmt.Errorf("a payment's answer is waited for for %s: want more than nothing", l.Answer)
	}
	return nil
}

// Collection has issued invoices paid, and duns.
//
//	InvoiceIssued ─▶ Ask 1 ─▶ PaymentAsked ─ no answer in time ─▶ Fail
//	                  ▲ after 1, 3, 5, 7 days    │
//	                  └── Ask n+1 ◀── PaymentFailed ── the last one ─▶ Exhaust ─▶ DunningExhausted
//
// Whatever leaves nothing open ends it. An attempt that a player asks for in
// between is a step of the ladder like any other.
type Collection struct {
	ladder    Ladder
	seen      commands.Recent
	agenda    commands.Agenda[events.InvoiceID]
	asked     map[events.InvoiceID]int  // the last attempt, of what is open
	exhausted map[events.InvoiceID]bool // and open still
}

// NewCollection returns the policy before the first event.
func NewCollection(ladder Ladder) *Collection {
	return &Collection{ladder: ladder, asked: map[events.InvoiceID]int{}, exhausted: map[events.InvoiceID]bool{}}
}

var _ commands.Refusable = (*Collection)(nil)

func (*Collection) Name() string { return "collection" }

func (p *Collection) Evolve(n commands.Noted) {
	switch n.Event.(type) {
	case events.InvoiceIssued, events.PaymentAsked, events.PaymentFailed, events.PaymentSucceeded, events.CreditNoteIssued,
		events.InvoiceVoided, events.InvoiceWrittenOff, events.DunningExhausted:
		if !p.seen.Again(n.Cause.Event) {
			p.evolve(n)
		}
	}
}

func (p *Collection) evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.InvoiceIssued:
		if e.Sums.Total.Positive() {
			p.ask(n, e.Invoice, 1, e.At)
		}
	case events.PaymentAsked:
		p.asked[e.Invoice] = e.Attempt
		p.agenda.Put(e.Invoice, e.At.Add(p.ladder.Answer), commands.Issue(
			Fail{Invoice: e.Invoice, Payment: e.Payment, Reason: events.PaymentUnanswered}, commands.Because(n.Cause, p.Name(), "unanswered")))
	case events.PaymentFailed:
		p.tried(n, e.Invoice, e.Attempt, e.Open, e.At)
	case events.PaymentSucceeded:
		p.tried(n, e.Invoice, e.Attempt, e.Open, e.At)
	case events.CreditNoteIssued:
		if !e.Open.Positive() {
			p.settled(e.Invoice)
		}
	case events.InvoiceVoided:
		p.settled(e.Invoice)
	case events.InvoiceWrittenOff:
		p.settled(e.Invoice)
	case events.DunningExhausted:
		p.agenda.Drop(e.Invoice)
		p.exhausted[e.Invoice] = true
	}
}

func (p *Collection) Due(now time.Time) []commands.Order { return p.agenda.Due(now) }

// Refused has a step tried later.
func (p *Collection) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case Ask:
		p.agenda.Later(c.Invoice, now)
	case Fail:
		p.agenda.Later(c.Invoice, now)
	case Exhaust:
		p.agenda.Later(c.Invoice, now)
	}
}

// tried follows an attempt that has come to its end with the next step, where
// something is open still. What nobody asked for changes no plan, nor what comes
// of an attempt that another has followed.
func (p *Collection) tried(n commands.Noted, invoice events.InvoiceID, attempt int, open events.Money, at time.Time) {
	switch {
	case !open.Positive():
		p.settled(invoice)
	case attempt < max(1, p.asked[invoice]):
	case p.exhausted[invoice]:
		p.agenda.Drop(invoice)
	case attempt > len(p.ladder.Retries):
		p.agenda.Put(invoice, at, commands.Issue(Exhaust{Invoice: invoice}, commands.Because(n.Cause, p.Name(), "exhaust")))
	default:
		p.ask(n, invoice, attempt+1, at.Add(p.ladder.Retries[attempt-1]))
	}
}

func (p *Collection) ask(n commands.Noted, invoice events.InvoiceID, attempt int, at time.Time) {
	p.agenda.Put(invoice, at, commands.Issue(Ask{Invoice: invoice, Attempt: attempt}, commands.Because(n.Cause, p.Name(), "ask")))
}

func (p *Collection) settled(invoice events.InvoiceID) {
	p.agenda.Drop(invoice)
	delete(p.asked, invoice)
	delete(p.exhausted, invoice)
}
