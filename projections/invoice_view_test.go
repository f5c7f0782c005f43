package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

var anInvoice = events.InvoiceID{9}

// docSums are those of a subscription at a fifth of tax.
func docSums(net int64) events.DocumentSums {
	return events.DocumentSums{Taxes: []events.TaxSum{{Rate: 2000, Net: eur(net), Tax: eur(net / 5)}}, Net: eur(net), Tax: eur(net / 5), Total: eur(net + net/5)}
}

// issued is anna's invoice of 12.00, with its number.
func issued() []events.Event {
	line := events.InvoiceLine{Kind: events.LineSubscription, Text: "plus", Quantity: 1, Per: 1, Price: eur(1000), Amount: eur(1000), TaxRate: 2000,
		Sources: []events.LineSource{{Event: events.EventID{1}, Subscription: subscribed.String(), Period: 1}}}
	return []events.Event{
		events.InvoiceDrafted{Invoice: anInvoice, Player: "anna", Currency: "EUR", At: noon},
		events.InvoiceLineAdded{Invoice: anInvoice, Number: 1, Line: line, At: noon},
		events.InvoiceApproved{Invoice: anInvoice, Series: "2026-01", Sums: docSums(1000), At: noon},
		events.NumberAssigned{Series: "2026-01", Number: 1, Printed: "2026-01-000001", Document: events.Document{Invoice: anInvoice}, At: noon},
		events.InvoiceIssued{Invoice: anInvoice, Player: "anna", Number: "2026-01-000001", Sums: docSums(1000), At: noon},
	}
}

func settles(open, writtenOff, owed int64) events.Settlement {
	return events.Settlement{Open: eur(open), WrittenOff: eur(writtenOff), Goodwill: eur(0), Owed: eur(owed)}
}

func TestWhatBecomesOfAnInvoice(t *testing.T) {
	first, second := events.PaymentOf(anInvoice, 1), events.PaymentOf(anInvoice, 2)
	v, f := folded[*invoiceView](t, newInvoiceView, issued()...)
	for _, c := range []struct {
		event                    events.Event
		state, dunning           string
		open, writtenOff, owed   int64
		paid, credited, refunded int64
	}{
		{events.PaymentAsked{Invoice: anInvoice, Player: "anna", Payment: first, Attempt: 1, Amount: eur(1200), At: noon}, "open", "asked", 1200, 0, 0, 0, 0, 0},
		{events.PaymentFailed{Invoice: anInvoice, Player: "anna", Payment: first, Attempt: 1, Reason: events.PaymentDeclined, Open: eur(1200), At: noon}, "open", "failed", 1200, 0, 0, 0, 0, 0},
		{events.DunningExhausted{Invoice: anInvoice, Player: "anna", Attempts: 1, Open: eur(1200), At: noon}, "open", "exhausted", 1200, 0, 0, 0, 0, 0},
		{events.PaymentAsked{Invoice: anInvoice, Player: "anna", Payment: second, Attempt: 2, Amount: eur(1200), At: noon}, "open", "exhausted", 1200, 0, 0, 0, 0, 0},
		{events.PaymentSucceeded{Invoice: anInvoice, Player: "anna", Payment: second, Attempt: 2, Reference: "a", Amount: eur(500), Settles: settles(500, 0, 0), Open: eur(700), At: noon},
			"open", "exhausted", 700, 0, 0, 500, 0, 0},
		{events.InvoiceWrittenOff{Invoice: anInvoice, Player: "anna", Amount: eur(700), At: noon}, "written-off", "none", 0, 700, 0, 500, 0, 0},
		{events.PaymentSucceeded{Invoice: anInvoice, Player: "anna", Payment: first, Attempt: 1, Reference: "b", Amount: eur(900), Settles: settles(0, 700, 200), Open: eur(0), At: noon},
			"settled", "none", 0, 0, 200, 1400, 0, 0},
		{events.RefundAsked{Invoice: anInvoice, Player: "anna", Payment: first, Refund: events.RefundID{1}, Amount: eur(200), Reason: events.CreditSurplus, Attempt: 1, At: noon},
			"settled", "none", 0, 0, 200, 1400, 0, 0},
		{events.RefundFailed{Invoice: anInvoice, Player: "anna", Payment: first, Refund: events.RefundID{1}, At: noon}, "settled", "none", 0, 0, 200, 1400, 0, 0},
		{events.PaymentRefunded{Invoice: anInvoice, Player: "anna", Payment: first, Refund: events.RefundID{2}, Amount: eur(200), Settles: settles(0, 0, 200), At: noon},
			"settled", "none", 0, 0, 0, 1400, 0, 200},
	} {
		f.take("system:test", c.event)
		r, _ := v.invoices.Get(anInvoice)
		if r.State != c.state || r.Dunning != c.dunning || r.Open != c.open || r.WrittenOff != c.writtenOff || r.Owed != c.owed ||
			r.Paid != c.paid || r.Credited != c.credited || r.Refunded != c.refunded || r.Position != f.position {
			t.Errorf("after %T: %+v", c.event, r)
		}
	}
	late, _ := v.payments.Get(paymentKey{anInvoice, first})
	if late.State != "succeeded" || late.Failure != "" || late.Asked != 1200 || late.Received != 900 || late.Refunded != 200 {
		t.Errorf("a payment that failed and came in after all: %+v", late)
	}
	if failed, _ := v.refunds.Get(refundKey{anInvoice, events.RefundID{1}}); failed.State != "failed" {
		t.Errorf("the refund that failed: %+v", failed)
	}
}

func TestACreditNote(t *testing.T) {
	note := events.CreditNoteID{3}
	v, f := folded[*invoiceView](t, newInvoiceView, issued()...)
	f.take("system:test",
		events.CreditNoteApproved{Invoice: anInvoice, CreditNote: note, Reason: events.CreditOutage, Series: "2026-01",
			Lines: []events.CreditLine{{Line: 1, Net: eur(1000)}}, Sums: docSums(1000), At: noon},
		events.NumberAssigned{Series: "2026-01", Number: 2, Printed: "2026-01-000002", Document: events.Document{Invoice: anInvoice, CreditNote: note}, At: noon},
		events.CreditNoteIssued{Invoice: anInvoice, Player: "anna", CreditNote: note, Number: "2026-01-000002", Sums: docSums(1000), Settles: settles(1200, 0, 0), Open: eur(0), At: noon.Add(time.Hour)})
	got, _ := v.notes.Get(noteKey{anInvoice, note})
	want := noteRow{Invoice: anInvoice, CreditNote: note, Player: "anna", Number: "2026-01-000002", Reason: events.CreditOutage, Currency: "EUR",
		Net: 1000, Tax: 200, Total: 1200, FromOpen: 1200, ApprovedAt: noon, IssuedAt: noon.Add(time.Hour), Position: 8}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	line, _ := v.lines.Get(lineKey{anInvoice, 1})
	invoice, _ := v.invoices.Get(anInvoice)
	if line.Credited != 1000 || invoice.State != "settled" || invoice.Open != 0 || !invoice.SettledAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("line %+v, invoice %+v", line, invoice)
	}
	series, _ := v.series.Get("2026-01")
	if series.Documents != 2 || series.Last != 2 || len(rows(v.numbers)) != 2 {
		t.Errorf("the series: %+v", series)
	}
}

// TestAPaymentOfTwoInvoices: ids that the provider gives out are of one invoice
// each, as far as it is concerned.
func TestAPaymentOfTwoInvoices(t *testing.T) {
	other, payment := events.InvoiceID{8}, events.PaymentID{7}
	v, f := folded[*invoiceView](t, newInvoiceView, issued()...)
	f.take("system:test",
		events.InvoiceDrafted{Invoice: other, Player: "bert", Currency: "EUR", At: noon},
		events.PaymentSucceeded{Invoice: anInvoice, Player: "anna", Payment: payment, Reference: "x", Amount: eur(1200), Settles: settles(1200, 0, 0), Open: eur(0), At: noon},
		events.PaymentSucceeded{Invoice: other, Player: "bert", Payment: payment, Reference: "y", Amount: eur(1), Settles: settles(0, 0, 1), Open: eur(0), At: noon})
	if len(rows(v.payments)) != 2 {
		t.Errorf("payments: %+v", rows(v.payments))
	}
}

func TestABillThatIsGivenUp(t *testing.T) {
	givenUp := events.BillGivenUp{Invoice: anInvoice, Player: "anna", Charge: events.EventID{1}, Net: eur(1000), Code: "account-behind", At: noon}
	for _, after := range []events.Event{
		events.BillRetried{Invoice: anInvoice, At: noon},
		events.InvoiceDrafted{Invoice: anInvoice, Player: "anna", Currency: "EUR", At: noon},
	} {
		v, f := folded[*invoiceView](t, newInvoiceView, givenUp)
		if len(rows(v.unbilled)) != 1 {
			t.Fatal("nobody is told")
		}
		if f.take("system:test", after); len(rows(v.unbilled)) != 0 {
			t.Errorf("after %T it waits still", after)
		}
	}
}
