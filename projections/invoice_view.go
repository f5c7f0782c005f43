package projections

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// invoiceView is invoices with all that becomes of them. Whose they are, only
// the players' profiles say: there is nothing sealed in it, and nothing that an
// erasure would have to take.
//
//	invoice ─┬─ line ── source       payment ── refund
//	         ├─ tax                  credit_note ── credit_note_line
//	document_series ── document_number        unbilled: what became no invoice
type invoiceView struct {
	invoices  *Table[events.InvoiceID, invoiceRow]
	lines     *Table[lineKey, lineRow]
	sources   *Table[sourceKey, sourceRow]
	taxes     *Table[taxKey, taxRow]
	notes     *Table[noteKey, noteRow]
	noteLines *Table[noteLineKey, noteLineRow]
	payments  *Table[paymentKey, paymentRow]
	refunds   *Table[refundKey, refundRow]
	numbers   *Table[numberKey, numberRow]
	series    *Table[events.Series, seriesRow]
	unbilled  *Table[events.InvoiceID, unbilledRow]
}

var _ View = (*invoiceView)(nil)

func newInvoiceView() View {
	return &invoiceView{
		invoices:  NewTable("invoice", func(r *invoiceRow) events.InvoiceID { return r.Invoice }),
		lines:     NewTable("invoice_line", func(r *lineRow) lineKey { return lineKey{r.Invoice, r.Number} }),
		sources:   NewTable("invoice_source", func(r *sourceRow) sourceKey { return sourceKey{r.Invoice, r.Line, r.Number} }),
		taxes:     NewTable("invoice_tax", func(r *taxRow) taxKey { return taxKey{r.Invoice, r.Rate} }),
		notes:     NewTable("credit_note", func(r *noteRow) noteKey { return noteKey{r.Invoice, r.CreditNote} }),
		noteLines: NewTable("credit_note_line", func(r *noteLineRow) noteLineKey { return noteLineKey{r.Invoice, r.CreditNote, r.Line} }),
		payments:  NewTable("payment", func(r *paymentRow) paymentKey { return paymentKey{r.Invoice, r.Payment} }),
		refunds:   NewTable("refund", func(r *refundRow) refundKey { return refundKey{r.Invoice, r.Refund} }),
		numbers:   NewTable("document_number", func(r *numberRow) numberKey { return numberKey{r.Series, r.Number} }),
		series:    NewTable("document_series", func(r *seriesRow) events.Series { return r.Series }),
		unbilled:  NewTable("unbilled", func(r *unbilledRow) events.InvoiceID { return r.Invoice }),
	}
}

func (*invoiceView) Name() string { return "invoice" }
func (*invoiceView) Version() int { return 1 }

func (v *invoiceView) Tables() []Rows {
	return []Rows{v.invoices, v.lines, v.sources, v.taxes, v.notes, v.noteLines, v.payments, v.refunds, v.numbers, v.series, v.unbilled}
}

func (*invoiceView) Wants() []events.Event {
	return []events.Event{
		events.InvoiceDrafted{}, events.InvoiceLineAdded{}, events.InvoiceDiscarded{}, events.InvoiceApproved{},
		events.NumberAssigned{}, events.InvoiceIssued{}, events.InvoiceVoided{}, events.InvoiceWrittenOff{}, events.DunningExhausted{},
		events.BillGivenUp{}, events.BillRetried{}, events.CreditNoteApproved{}, events.CreditNoteIssued{},
		events.PaymentAsked{}, events.PaymentSucceeded{}, events.PaymentFailed{},
		events.RefundAsked{}, events.PaymentRefunded{}, events.RefundFailed{}, events.RefundGivenUp{},
	}
}

func (v *invoiceView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.InvoiceDrafted:
		v.unbilled.Delete(e.Invoice)
		v.invoices.Add(invoiceRow{Invoice: e.Invoice, Player: e.Player, State: "drafted", Currency: e.Currency,
			Dunning: "none", DraftedAt: e.At, Position: n.Position})
		return nil
	case events.InvoiceLineAdded:
		return v.addLine(n, e)
	case events.InvoiceDiscarded:
		return v.change(n, e.Invoice, func(r *invoiceRow) { r.State = "discarded" })
	case events.InvoiceApproved:
		return v.approve(n, e)
	case events.NumberAssigned:
		v.number(e)
		return nil
	case events.InvoiceIssued:
		n.Tell(events.AccountStream(e.Player))
		return v.change(n, e.Invoice, func(r *invoiceRow) {
			r.Number, r.IssuedAt, r.DueAt, r.Open = e.Number, e.At, e.At, e.Sums.Total.Amount
			r.settle(e.At)
		})
	case events.InvoiceVoided:
		n.Tell(events.AccountStream(e.Player))
		return v.change(n, e.Invoice, func(r *invoiceRow) {
			r.Open = 0
			r.settle(e.At)
			r.State = "voided"
		})
	case events.InvoiceWrittenOff:
		n.Tell(events.AccountStream(e.Player))
		return v.change(n, e.Invoice, func(r *invoiceRow) {
			r.Open -= e.Amount.Amount
			r.WrittenOff += e.Amount.Amount
			r.settle(e.At)
		})
	case events.DunningExhausted:
		n.Tell(events.AccountStream(e.Player))
		return v.change(n, e.Invoice, func(r *invoiceRow) { r.Dunning = "exhausted" })
	case events.BillGivenUp:
		v.unbilled.Put(unbilledRow{Invoice: e.Invoice, Player: e.Player, Event: e.Charge, Net: e.Net.Amount, Currency: e.Net.Currency,
			Code: e.Code, GivenUpAt: e.At, Position: n.Position})
		return nil
	case events.BillRetried:
		v.unbilled.Delete(e.Invoice)
		return nil
	}
	return v.foldMoney(n)
}

func (v *invoiceView) change(n *Noted, id events.InvoiceID, change func(*invoiceRow)) error {
	return v.invoices.Change(id, func(r *invoiceRow) {
		change(r)
		r.Position = n.Position
	})
}

// addLine adds to a draft, whose sums are without tax until it is approved.
func (v *invoiceView) addLine(n *Noted, e events.InvoiceLineAdded) error {
	l := e.Line
	v.lines.Add(lineRow{
		Invoice: e.Invoice, Number: e.Number, Kind: l.Kind, Text: l.Text, Quantity: l.Quantity, Per: l.Per,
		Price: l.Price.Amount, Amount: l.Amount.Amount, TaxRate: l.TaxRate,
	})
	for i, s := range l.Sources {
		row := sourceRow{Invoice: e.Invoice, Line: e.Number, Number: i + 1, Event: s.Event, Session: s.Session, Segment: s.Segment, Period: s.Period}
		if s.Subscription != "" {
			var err error
			if row.Subscription, err = events.ParseSubscriptionID(s.Subscription); err != nil {
				return fmt.Errorf("source of a line: %w", err)
			}
		}
		v.sources.Add(row)
	}
	return v.change(n, e.Invoice, func(r *invoiceRow) {
		r.Lines++
		r.Net += l.Amount.Amount
		r.Total += l.Amount.Amount
	})
}

func (v *invoiceView) approve(n *Noted, e events.InvoiceApproved) error {
	for _, t := range e.Sums.Taxes {
		v.taxes.Add(taxRow{Invoice: e.Invoice, Rate: t.Rate, Net: t.Net.Amount, Tax: t.Tax.Amount})
	}
	return v.change(n, e.Invoice, func(r *invoiceRow) {
		r.State, r.Series, r.ApprovedAt = "approved", e.Series, e.At
		r.Net, r.Tax, r.Total = e.Sums.Net.Amount, e.Sums.Tax.Amount, e.Sums.Total.Amount
	})
}

func (v *invoiceView) number(e events.NumberAssigned) {
	v.numbers.Add(numberRow{Series: e.Series, Number: e.Number, Printed: e.Printed, Invoice: e.Document.Invoice,
		CreditNote: e.Document.CreditNote, AssignedAt: e.At})
	series, _ := v.series.Get(e.Series)
	series.Series, series.AssignedAt = e.Series, e.At
	series.Documents++
	series.Last = max(series.Last, e.Number)
	v.series.Put(series)
}

// settle tells an issued invoice's state from its balance. Where nothing is
// open, nobody is dunned.
func (r *invoiceRow) settle(at time.Time) {
	if r.State == "voided" {
		return
	}
	switch {
	case r.Open > 0:
		r.State, r.SettledAt = "open", time.Time{}
		return
	case r.WrittenOff > 0:
		r.State = "written-off"
	default:
		r.State = "settled"
	}
	r.Dunning = "none"
	if r.SettledAt.IsZero() {
		r.SettledAt = at
	}
}
