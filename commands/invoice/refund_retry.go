package invoice

import (
	"time"

	"github.com/playcast/playcast/events"
)

// RetryRefund asks once more for a refund that failed, as another one: for as
// much as is owed still, or was promised, and can be paid back of its payment.
// Where that is nothing, it is given up.
type RetryRefund struct {
	Invoice events.InvoiceID
	Refund  events.RefundID // that failed
}

func (r RetryRefund) Target() events.Stream { return events.InvoiceStream(r.Invoice) }

func (r RetryRefund) Decide(s State, now time.Time) ([]events.Event, error) {
	f, stands, err := s.failedRefund(r.Refund)
	if err != nil || !stands {
		return nil, err
	}
	amount := min(f.amount, s.refundable(f.payment))
	if f.reason == events.CreditSurplus || f.reason == events.CreditByNote {
		amount = min(amount, s.unasked())
	}
	if amount <= 0 || len(s.refunds) >= most {
		return []events.Event{s.refundGivenUp(r.Invoice, f, now)}, nil
	}
	asked := s.refundAsked(AskRefund{
		Invoice: r.Invoice, Payment: f.payment, Refund: events.RefundOf(f.payment, "instead of "+f.id.String()),
		Amount: s.money(amount), Reason: f.reason,
	}, now)
	asked.Attempt, asked.Instead = f.attempt+1, f.id
	return []events.Event{asked}, nil
}

// GiveUpRefund says that a refund that failed is not asked for again.
type GiveUpRefund struct {
	Invoice events.InvoiceID
	Refund  events.RefundID
}

func (g GiveUpRefund) Target() events.Stream { return events.InvoiceStream(g.Invoice) }

func (g GiveUpRefund) Decide(s State, now time.Time) ([]events.Event, error) {
	f, stands, err := s.failedRefund(g.Refund)
	if err != nil || !stands {
		return nil, err
	}
	return []events.Event{s.refundGivenUp(g.Invoice, f, now)}, nil
}

// failedRefund is one that failed, if nothing has followed it yet.
func (s State) failedRefund(id events.RefundID) (refund, bool, error) {
	if err := s.out(); err != nil {
		return refund{}, false, err
	}
	at := s.refund(id)
	if at < 0 {
		return refund{}, false, ErrUnknownRefund
	}
	f := s.refunds[at]
	return f, f.outcome == failed && !f.settled, nil
}

func (s State) refundGivenUp(invoice events.InvoiceID, f refund, now time.Time) events.RefundGivenUp {
	return events.RefundGivenUp{
		Invoice: invoice, Player: s.Player, Payment: f.payment, Refund: f.id, Attempts: f.attempt, Owed: s.money(s.unasked()), At: now,
	}
}

// follow notes, in place, that something follows a refund that failed.
func (s State) follow(id events.RefundID) {
	if at := s.refund(id); at >= 0 {
		s.refunds[at].settled = true
	}
}
