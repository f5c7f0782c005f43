package invoice

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Refunds has refunds that failed asked for again.
//
//	RefundFailed ─ after 1, 3, 7 days ─▶ RetryRefund ─▶ RefundAsked, instead
//	      └─────── the last one ───────▶ GiveUpRefund ─▶ RefundGivenUp
//
// One that the provider never answers is not asked for again: it may have been
// carried out.
type Refunds struct {
	ladder   []time.Duration
	seen     commands.Recent
	attempts map[refundKey]int // of those that are under way
	open     commands.Agenda[refundKey]
}

type refundKey struct {
	invoice events.InvoiceID
	refund  events.RefundID
}

// NewRefunds returns the policy before the first event.
func NewRefunds(ladder Ladder) *Refunds {
	return &Refunds{ladder: ladder.Refunds, attempts: map[refundKey]int{}}
}

var _ commands.Refusable = (*Refunds)(nil)

func (*Refunds) Name() string { return "refunds" }

func (p *Refunds) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.RefundAsked:
		if !p.seen.Again(n.Cause.Event) {
			p.attempts[refundKey{e.Invoice, e.Refund}] = e.Attempt
			p.open.Drop(refundKey{e.Invoice, e.Instead})
		}
	case events.RefundFailed:
		key := refundKey{e.Invoice, e.Refund}
		if attempt, known := p.attempts[key]; known {
			delete(p.attempts, key)
			p.failed(n, key, e.At, attempt)
		}
	case events.PaymentRefunded:
		delete(p.attempts, refundKey{e.Invoice, e.Refund})
		p.open.Drop(refundKey{e.Invoice, e.Refund})
	case events.RefundGivenUp:
		p.open.Drop(refundKey{e.Invoice, e.Refund})
	}
}

func (p *Refunds) failed(n commands.Noted, of refundKey, at time.Time, attempt int) {
	if attempt > len(p.ladder) {
		p.open.Put(of, at, commands.Issue(GiveUpRefund{Invoice: of.invoice, Refund: of.refund}, commands.Because(n.Cause, p.Name(), "give up")))
		return
	}
	p.open.Put(of, at.Add(p.ladder[max(1, attempt)-1]), commands.Issue(
		RetryRefund{Invoice: of.invoice, Refund: of.refund}, commands.Because(n.Cause, p.Name(), "retry")))
}

func (p *Refunds) Due(now time.Time) []commands.Order { return p.open.Due(now) }

// Refused has a refund tried later, and those behind it now.
func (p *Refunds) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case RetryRefund:
		p.open.Later(refundKey{c.Invoice, c.Refund}, now)
	case GiveUpRefund:
		p.open.Later(refundKey{c.Invoice, c.Refund}, now)
	}
}
