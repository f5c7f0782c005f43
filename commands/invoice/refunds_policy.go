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
	attempts map[events.RefundID]int // of those that are under way
	open     agenda[events.RefundID]
}

// NewRefunds returns the policy before the first event.
func NewRefunds(ladder Ladder) *Refunds {
	return &Refunds{ladder: ladder.Refunds, attempts: map[events.RefundID]int{}, open: newAgenda[events.RefundID]()}
}

var _ commands.Refusable = (*Refunds)(nil)

func (*Refunds) Name() string { return "refunds" }

func (p *Refunds) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.RefundAsked:
		if !p.seen.Again(n.Cause.Event) {
			p.attempts[e.Refund] = e.Attempt
			p.open.drop(e.Instead)
		}
	case events.RefundFailed:
		if attempt, known := p.attempts[e.Refund]; known {
			delete(p.attempts, e.Refund)
			p.failed(n, e, attempt)
		}
	case events.PaymentRefunded:
		delete(p.attempts, e.Refund)
		p.open.drop(e.Refund)
	case events.RefundGivenUp:
		p.open.drop(e.Refund)
	}
}

func (p *Refunds) failed(n commands.Noted, e events.RefundFailed, attempt int) {
	if attempt > len(p.ladder) {
		p.open.put(e.Refund, plan{at: e.At, cause: n.Cause, purpose: "give up", order: issue(
			GiveUpRefund{Invoice: e.Invoice, Refund: e.Refund})})
		return
	}
	p.open.put(e.Refund, plan{at: e.At.Add(p.ladder[max(1, attempt)-1]), cause: n.Cause, purpose: "retry", order: issue(
		RetryRefund{Invoice: e.Invoice, Refund: e.Refund})})
}

func (p *Refunds) Due(now time.Time) []commands.Order { return p.open.due(now, atOnce, p.Name()) }

// Refused has a refund tried later, and those behind it now.
func (p *Refunds) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case RetryRefund:
		p.open.later(c.Refund, now)
	case GiveUpRefund:
		p.open.later(c.Refund, now)
	}
}
