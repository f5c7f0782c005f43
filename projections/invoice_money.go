package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// foldMoney is Fold of what is credited, paid and paid back.
func (v *invoiceView) foldMoney(n *Noted) error {
	switch e := n.Event.(type) {
	case events.CreditNoteApproved:
		return v.approveNote(n, e)
	case events.CreditNoteIssued:
		return v.issueNote(n, e)
	case events.PaymentAsked:
		n.Tell(events.AccountStream(e.Player))
		v.payments.Put(paymentRow{
			Invoice: e.Invoice, Payment: e.Payment, Player: e.Player, State: "asked", Attempt: e.Attempt,
			Asked: e.Amount.Amount, Currency: e.Amount.Currency, BeganAt: e.At, Position: n.Position,
		})
		return v.change(n, e.Invoice, func(r *invoiceRow) {
			r.Attempts, r.TriedAt = max(r.Attempts, e.Attempt), e.At
			if r.Dunning != "exhausted" { // whoever asks then is the player
				r.Dunning = "asked"
			}
		})
	case events.PaymentSucceeded:
		return v.pay(n, e)
	case events.PaymentFailed:
		return v.fail(n, e)
	case events.RefundAsked:
		n.Tell(events.AccountStream(e.Player))
		v.refunds.Put(refundRow{
			Invoice: e.Invoice, Refund: e.Refund, Payment: e.Payment, Player: e.Player, State: "asked", Amount: e.Amount.Amount,
			Currency: e.Amount.Currency, Reason: e.Reason, Attempt: e.Attempt, InsteadOf: e.Instead, BeganAt: e.At,
		})
		return v.change(n, e.Invoice, func(*invoiceRow) {})
	case events.PaymentRefunded:
		return v.refund(n, e)
	case events.RefundFailed:
		return v.endRefund(n, refundKey{e.Invoice, e.Refund}, "failed", e.At)
	case events.RefundGivenUp:
		return v.endRefund(n, refundKey{e.Invoice, e.Refund}, "given-up", e.At)
	}
	return nil
}

func (v *invoiceView) approveNote(n *Noted, e events.CreditNoteApproved) error {
	invoice, _ := v.invoices.Get(e.Invoice)
	v.notes.Put(noteRow{
		Invoice: e.Invoice, CreditNote: e.CreditNote, Player: invoice.Player, Reason: e.Reason, Currency: e.Sums.Total.Currency,
		Net: e.Sums.Net.Amount, Tax: e.Sums.Tax.Amount, Total: e.Sums.Total.Amount, ApprovedAt: e.At, Position: n.Position,
	})
	for _, line := range e.Lines {
		v.noteLines.Add(noteLineRow{Invoice: e.Invoice, CreditNote: e.CreditNote, Line: line.Line, Net: line.Net.Amount})
		err := v.lines.Change(lineKey{e.Invoice, line.Line}, func(r *lineRow) { r.Credited += line.Net.Amount })
		if err != nil {
			return err
		}
	}
	return v.change(n, e.Invoice, func(*invoiceRow) {})
}

func (v *invoiceView) issueNote(n *Noted, e events.CreditNoteIssued) error {
	n.Tell(events.AccountStream(e.Player))
	err := v.notes.Change(noteKey{e.Invoice, e.CreditNote}, func(r *noteRow) {
		r.Number, r.IssuedAt, r.Position = e.Number, e.At, n.Position
		r.FromOpen, r.FromWritten = e.Settles.Open.Amount, e.Settles.WrittenOff.Amount
		r.FromGoodwill, r.ToPlayer = e.Settles.Goodwill.Amount, e.Settles.Owed.Amount
	})
	if err != nil {
		return err
	}
	return v.change(n, e.Invoice, func(r *invoiceRow) {
		r.Credited += e.Sums.Total.Amount
		r.favour(e.Settles, e.At)
	})
}

// pay notes money that came in, whether it was asked for or not.
func (v *invoiceView) pay(n *Noted, e events.PaymentSucceeded) error {
	n.Tell(events.AccountStream(e.Player))
	row, known := v.payments.Get(paymentKey{e.Invoice, e.Payment})
	if !known {
		row = paymentRow{Invoice: e.Invoice, Payment: e.Payment, Player: e.Player, Attempt: e.Attempt, BeganAt: e.At}
	}
	row.State, row.Received, row.Currency, row.Reference = "succeeded", e.Amount.Amount, e.Amount.Currency, e.Reference
	row.Failure, row.EndedAt, row.Position = "", e.At, n.Position
	v.payments.Put(row)
	return v.change(n, e.Invoice, func(r *invoiceRow) {
		r.Attempts = max(r.Attempts, e.Attempt)
		r.Paid += e.Amount.Amount
		if r.Dunning == "asked" {
			r.Dunning = "none"
		}
		r.favour(e.Settles, e.At)
	})
}

func (v *invoiceView) fail(n *Noted, e events.PaymentFailed) error {
	n.Tell(events.AccountStream(e.Player))
	row, known := v.payments.Get(paymentKey{e.Invoice, e.Payment})
	if !known {
		row = paymentRow{Invoice: e.Invoice, Payment: e.Payment, Player: e.Player, Attempt: e.Attempt, Currency: e.Open.Currency, BeganAt: e.At}
	}
	row.State, row.Failure, row.EndedAt, row.Position = "failed", e.Reason, e.At, n.Position
	v.payments.Put(row)
	return v.change(n, e.Invoice, func(r *invoiceRow) {
		r.Attempts, r.Failure, r.TriedAt = max(r.Attempts, e.Attempt), e.Reason, e.At
		if r.Open > 0 && r.Dunning != "exhausted" {
			r.Dunning = "failed"
		}
	})
}

func (v *invoiceView) refund(n *Noted, e events.PaymentRefunded) error {
	n.Tell(events.AccountStream(e.Player))
	row, known := v.refunds.Get(refundKey{e.Invoice, e.Refund})
	if !known {
		row = refundRow{Invoice: e.Invoice, Refund: e.Refund, Payment: e.Payment, Player: e.Player,
			Amount: e.Amount.Amount, Currency: e.Amount.Currency, BeganAt: e.At}
	}
	row.State, row.EndedAt = "refunded", e.At
	v.refunds.Put(row)
	err := v.payments.Change(paymentKey{e.Invoice, e.Payment}, func(r *paymentRow) {
		r.Refunded += e.Amount.Amount
		r.Position = n.Position
	})
	if err != nil {
		return err
	}
	return v.change(n, e.Invoice, func(r *invoiceRow) {
		r.Refunded += e.Amount.Amount
		r.Owed -= e.Settles.Owed.Amount
		r.Goodwill += e.Settles.Goodwill.Amount
	})
}

func (v *invoiceView) endRefund(n *Noted, key refundKey, state string, at time.Time) error {
	err := v.refunds.Change(key, func(r *refundRow) { r.State, r.EndedAt = state, at })
	if err != nil {
		return err
	}
	return v.change(n, key.Invoice, func(*invoiceRow) {})
}

// favour settles an amount in the player's favour.
func (r *invoiceRow) favour(s events.Settlement, at time.Time) {
	r.Open -= s.Open.Amount
	r.WrittenOff -= s.WrittenOff.Amount
	r.Goodwill -= s.Goodwill.Amount
	r.Owed += s.Owed.Amount
	r.settle(at)
}
