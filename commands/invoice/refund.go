package invoice

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What is refused of a refund.
var (
	ErrUnpaid = &events.Fault{Kind: events.Conflict, Code: "payment-not-made",
		Message: "There is no such payment to pay back."}
	ErrRefundExceeds = &events.Fault{Kind: events.Conflict, Code: "refund-exceeds",
		Message: "That is more than is left of the payment."}
	ErrRefundDiffers = &events.Fault{Kind: events.Conflict, Code: "refund-differs",
		Message: "This refund is known with another amount or payment."}
	ErrRefund = &events.Fault{Kind: events.Invalid, Code: "refund-unnamed",
		Message: "A refund needs an id."}
	ErrRefundFailed = &events.Fault{Kind: events.Conflict, Code: "refund-failed",
		Message: "The provider could not carry out this refund. Ask for another one."}
	ErrUnknownRefund = &events.Fault{Kind: events.NotFound, Code: "unknown-refund",
		Message: "There is no such refund."}
)

type refund struct {
	id      events.RefundID
	payment events.PaymentID
	amount  int64
	reason  events.CreditReason
	attempt int // of a refund and those that stand in for it
	outcome outcome
	settled bool // it failed, and is asked for again or given up
}

// AskRefund asks for a part of a payment to be paid back, owed or not.
type AskRefund struct {
	Invoice events.InvoiceID
	Payment events.PaymentID
	Refund  events.RefundID
	Amount  events.Money
	Reason  events.CreditReason
}

func (a AskRefund) Target() events.Stream { return events.InvoiceStream(a.Invoice) }

func (a AskRefund) Decide(s State, now time.Time) ([]events.Event, error) {
	known, err := s.checkRefund(a.Refund, a.Payment, a.Amount)
	switch {
	case err != nil:
		return nil, err
	case !a.Reason.Known():
		return nil, ErrReason
	case known >= 0 && s.refunds[known].outcome == failed:
		return nil, ErrRefundFailed
	case known >= 0:
		return nil, nil
	case a.Amount.Amount > s.refundable(a.Payment):
		return nil, ErrRefundExceeds.With(fmt.Sprintf("Of the payment, %d can be paid back.", s.refundable(a.Payment)))
	}
	return []events.Event{s.refundAsked(a, now)}, nil
}

// Refund takes the provider's word that money went back, asked or not.
type Refund struct {
	Invoice events.InvoiceID
	Payment events.PaymentID
	Refund  events.RefundID
	Amount  events.Money
}

func (r Refund) Target() events.Stream { return events.InvoiceStream(r.Invoice) }

func (r Refund) Decide(s State, now time.Time) ([]events.Event, error) {
	known, err := s.checkRefund(r.Refund, r.Payment, r.Amount)
	if err != nil || known >= 0 && s.refunds[known].outcome == succeeded {
		return nil, err
	}
	if kept := s.kept(r.Payment); r.Amount.Amount > kept {
		return nil, ErrRefundExceeds.With(fmt.Sprintf("Of the payment, %d has not been paid back.", kept))
	}
	return []events.Event{events.PaymentRefunded{
		Invoice: r.Invoice, Player: s.Player, Payment: r.Payment, Refund: r.Refund,
		Amount: r.Amount, Settles: s.settleBack(r.Amount.Amount), At: now,
	}}, nil
}

// FailRefund takes the provider's word that it could not pay back what it was
// asked for. What is owed stays owed.
type FailRefund struct {
	Invoice events.InvoiceID
	Refund  events.RefundID
}

func (f FailRefund) Target() events.Stream { return events.InvoiceStream(f.Invoice) }

func (f FailRefund) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	at := s.refund(f.Refund)
	switch {
	case at < 0:
		return nil, ErrUnknownRefund
	case s.refunds[at].outcome != underWay:
		return nil, nil
	}
	return []events.Event{events.RefundFailed{Invoice: f.Invoice, Player: s.Player, Payment: s.refunds[at].payment, Refund: f.Refund, At: now}}, nil
}

// checkRefund refuses what can't be a refund, and returns the place of the one
// that is known by the id, or -1.
func (s State) checkRefund(id events.RefundID, of events.PaymentID, amount events.Money) (int, error) {
	if err := s.out(); err != nil {
		return 0, err
	}
	if err := s.amount(amount); err != nil {
		return 0, err
	}
	if id.IsZero() {
		return 0, ErrRefund
	}
	if i := s.payment(of); i < 0 || s.payments[i].outcome != succeeded {
		return 0, ErrUnpaid
	}
	known := s.refund(id)
	if known >= 0 && (s.refunds[known].payment != of || s.refunds[known].amount != amount.Amount) {
		return 0, ErrRefundDiffers
	}
	if known < 0 && len(s.refunds) >= most {
		return 0, ErrTooMany
	}
	return known, nil
}

// unasked is what is owed, and nobody is asked to pay back.
func (s State) unasked() int64 {
	owed := s.Balance.Owed
	for _, r := range s.refunds {
		if r.outcome == underWay {
			owed -= r.amount
		}
	}
	return max(0, owed)
}

// payBack asks for what is owed, and not asked for yet, to be paid back: of the
// latest payment first.
func (s State) payBack(invoice events.InvoiceID, reason events.CreditReason, purpose string, now time.Time) []events.Event {
	owed := s.unasked()
	var asked []events.Event
	for _, p := range slices.Backward(s.payments) {
		part := min(owed, s.refundable(p.id))
		if part <= 0 || len(s.refunds)+len(asked) >= most {
			continue
		}
		owed -= part
		asked = append(asked, s.refundAsked(AskRefund{
			Invoice: invoice, Payment: p.id, Refund: events.RefundOf(p.id, purpose), Amount: s.money(part), Reason: reason,
		}, now))
	}
	return asked
}

func (s State) refundAsked(a AskRefund, now time.Time) events.RefundAsked {
	return events.RefundAsked{Invoice: a.Invoice, Player: s.Player, Payment: a.Payment, Refund: a.Refund, Amount: a.Amount, Reason: a.Reason, Attempt: 1, At: now}
}

func (s State) refund(id events.RefundID) int {
	return slices.IndexFunc(s.refunds, func(r refund) bool { return r.id == id })
}

// withRefund has the refund as one that was carried out, and its refunds to
// itself.
func (s State) withRefund(e events.PaymentRefunded) State {
	s.refunds = slices.Clone(s.refunds)
	i := s.refund(e.Refund)
	if i < 0 {
		i = len(s.refunds)
		s.refunds = append(s.refunds, refund{id: e.Refund, payment: e.Payment, amount: e.Amount.Amount})
	}
	s.refunds[i].outcome = succeeded
	return s
}

// kept is what has not gone back of a payment.
func (s State) kept(of events.PaymentID) int64 { return s.without(of, succeeded) }

// refundable is what of a payment has neither gone back nor been asked back.
func (s State) refundable(of events.PaymentID) int64 { return s.without(of, succeeded, underWay) }

// without is a payment less its refunds of some outcomes.
func (s State) without(of events.PaymentID, gone ...outcome) int64 {
	var left int64
	if i := s.payment(of); i >= 0 {
		left = s.payments[i].paid
	}
	for _, r := range s.refunds {
		if r.payment == of && slices.Contains(gone, r.outcome) {
			left -= r.amount
		}
	}
	return left
}
