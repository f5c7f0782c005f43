package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// PaymentState is what has come of a payment.
type PaymentState string

// The states.
const (
	PaymentIsAsked    PaymentState = "asked"
	PaymentIsReceived PaymentState = "succeeded"
	PaymentIsFailed   PaymentState = "failed"
)

// Payment is an attempt to have an invoice paid, or money that came in unasked.
type Payment struct {
	ID        events.PaymentID
	Invoice   events.InvoiceID
	Player    events.PlayerID
	State     PaymentState
	Attempt   int // 0: playcast did not ask for it
	Asked     events.Money
	Received  events.Money
	Refunded  events.Money          // of what was received
	Reference string                // the provider's
	Failure   events.PaymentFailure // empty: it did not fail
	Refunds   []Refund              // where a question gives them
	BeganAt   time.Time
	EndedAt   *time.Time
}

// RefundState is what has come of a refund.
type RefundState string

// The states.
const (
	RefundIsAsked   RefundState = "asked"
	RefundIsMade    RefundState = "refunded"
	RefundIsFailed  RefundState = "failed"
	RefundIsGivenUp RefundState = "given-up"
)

// Refund is a part of a payment that goes back.
type Refund struct {
	ID        events.RefundID
	State     RefundState
	Amount    events.Money
	Reason    events.CreditReason // empty: playcast did not ask for it
	Attempt   int
	InsteadOf events.RefundID // the one that failed; zero: none
	BeganAt   time.Time
	EndedAt   *time.Time
}

// PaymentPage is some of a player's payments, the last first.
type PaymentPage struct {
	Payments []Payment
	Next     string // the next page's cursor; empty: this was the last
}

// Payments answers: what has the player paid, and what was tried?
func (d *DB) Payments(ctx context.Context, player events.PlayerID, cursor string, size int) (PaymentPage, error) {
	of, before := listOf("payments", player), newest()
	if err := of.after(cursor, &before); err != nil {
		return PaymentPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Payments(ctx, db.PaymentsParams{PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
	if err != nil {
		return PaymentPage{}, failed("query the payments", err, nil)
	}
	var page PaymentPage
	page.Payments, page.Next = pageOf(of, rows, size, func(r db.PaymentsRow) (Payment, key) {
		return paymentOf(r.ReadPayment), &byTime{r.ReadPayment.BeganAt, r.ReadPayment.PaymentID}
	})
	return page, nil
}

// PaymentsByReference answers: what has come in under a reference of the
// provider's? A provider gives each once, so that there is one or none.
func (d *DB) PaymentsByReference(ctx context.Context, reference string) ([]Payment, error) {
	rows, err := d.q.PaymentsByReference(ctx, &reference)
	if err != nil {
		return nil, failed("query payments by reference", err, nil)
	}
	var payments []Payment
	for _, row := range rows {
		payments = append(payments, paymentOf(row.ReadPayment))
	}
	return payments, nil
}

// paymentsOf are an invoice's, with their refunds.
func (d *DB) paymentsOf(ctx context.Context, id uuid.UUID) ([]Payment, error) {
	rows, err := d.q.InvoicePayments(ctx, id)
	if err != nil {
		return nil, failed("query the invoice's payments", err, nil)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	refunds, err := d.q.InvoiceRefunds(ctx, id)
	if err != nil {
		return nil, failed("query the invoice's refunds", err, nil)
	}
	of := map[uuid.UUID][]Refund{}
	for _, row := range refunds {
		r := row.ReadRefund
		of[r.PaymentID] = append(of[r.PaymentID], Refund{
			ID: events.RefundID(r.RefundID), State: RefundState(r.State), Amount: money(r.Amount, &r.Currency), Reason: events.CreditReason(value(r.Reason)),
			Attempt: int(r.Attempt), InsteadOf: events.RefundID(value(r.InsteadOf)), BeganAt: r.BeganAt.UTC(), EndedAt: utc(r.EndedAt),
		})
	}
	payments := make([]Payment, 0, len(rows))
	for _, row := range rows {
		payment := paymentOf(row.ReadPayment)
		payment.Refunds = of[row.ReadPayment.PaymentID]
		payments = append(payments, payment)
	}
	return payments, nil
}

func paymentOf(p db.ReadPayment) Payment {
	return Payment{
		ID: events.PaymentID(p.PaymentID), Invoice: events.InvoiceID(p.InvoiceID), Player: events.PlayerID(p.PlayerID),
		State: PaymentState(p.State), Attempt: int(p.Attempt), Asked: money(p.Asked, &p.Currency), Received: money(p.Received, &p.Currency),
		Refunded: money(p.Refunded, &p.Currency), Reference: value(p.Reference), Failure: events.PaymentFailure(value(p.Failure)),
		BeganAt: p.BeganAt.UTC(), EndedAt: utc(p.EndedAt),
	}
}
