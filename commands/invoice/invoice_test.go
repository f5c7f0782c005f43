package invoice_test

import (
	"testing"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

func eur(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

var (
	id   = events.InvoiceID{1}
	line = invoice.Line{Kind: events.LineSubscription, Text: "subscription.period", Quantity: 1, Per: 1, Price: eur(1000), TaxRate: 1900}

	drafted = events.InvoiceDrafted{Invoice: id, Player: "anna", Currency: "EUR", At: Now}
	added   = events.InvoiceLineAdded{Invoice: id, Number: 1, At: Now, Line: events.InvoiceLine{
		Kind: events.LineSubscription, Text: "subscription.period", Quantity: 1, Per: 1, Price: eur(1000), Amount: eur(1000), TaxRate: 1900}}
	sums = events.DocumentSums{
		Kinds: []events.KindSum{{Kind: events.LineSubscription, Net: eur(1000)}},
		Taxes: []events.TaxSum{{Rate: 1900, Net: eur(1000), Tax: eur(190)}}, Net: eur(1000), Tax: eur(190), Total: eur(1190),
	}
	approved  = events.InvoiceApproved{Invoice: id, Series: "2026-01", Sums: sums, At: Now}
	issued    = events.InvoiceIssued{Invoice: id, Player: "anna", Number: "2026-01-000001", Sums: sums, At: Now}
	voided    = events.InvoiceVoided{Invoice: id, Player: "anna", Sums: sums, At: Now}
	discarded = events.InvoiceDiscarded{Invoice: id, At: Now}
	written   = events.InvoiceWrittenOff{Invoice: id, Player: "anna", Amount: eur(1190), At: Now}
	first     = events.PaymentOf(id, 1)
	second    = events.PaymentOf(id, 2)
	asked     = events.PaymentAsked{Invoice: id, Player: "anna", Payment: first, Attempt: 1, Amount: eur(1190), At: Now}
	failed    = events.PaymentFailed{Invoice: id, Player: "anna", Payment: first, Attempt: 1, Reason: events.PaymentDeclined, Open: eur(1190), At: Now}
	paid      = events.PaymentSucceeded{Invoice: id, Player: "anna", Payment: first, Attempt: 1, Reference: "ch_1", Amount: eur(1190), Settles: settles(1190, 0, 0, 0), Open: eur(0), At: Now}
	exhausted = events.DunningExhausted{Invoice: id, Player: "anna", Attempts: 1, Open: eur(1190), At: Now}
	out       = []events.Event{drafted, added, approved, issued}
)

func settles(open, written, goodwill, owed int64) events.Settlement {
	return events.Settlement{Open: eur(open), WrittenOff: eur(written), Goodwill: eur(goodwill), Owed: eur(owed)}
}

// after is an issued invoice to which this has happened.
func after(more ...events.Event) History {
	return Given(append(append([]events.Event{}, out...), more...)...)
}

func TestDraft(t *testing.T) {
	draft := invoice.Draft{Invoice: id, Player: "anna", Currency: "EUR"}
	When(Given(), draft).Then(t, drafted)
	When(Given(drafted), draft).Then(t)
	When(Given(drafted), invoice.Draft{Invoice: id, Player: "bert", Currency: "EUR"}).Refused(t, invoice.ErrTaken)
	When(Given(), invoice.Draft{Invoice: id, Currency: "EUR"}).Refused(t, invoice.ErrPlayer)
	When(Given(), invoice.Draft{Invoice: id, Player: "anna", Currency: "eur"}).Refused(t, events.ErrCurrency)
	When(Given(), invoice.Draft{Player: "anna", Currency: "EUR"}).Refused(t, invoice.ErrUnknown)
}

func TestAddLine(t *testing.T) {
	add := invoice.AddLine{Invoice: id, Number: 1, Line: line}
	When(Given(drafted), add).Then(t, added)
	When(Given(drafted, added), add).Then(t)
	When(Given(drafted), invoice.AddLine{Invoice: id, Number: 2, Line: line}).Refused(t, invoice.ErrLineTaken)
	When(Given(), add).Refused(t, invoice.ErrUnknown)
	When(Given(drafted, discarded), add).Refused(t, invoice.ErrDiscarded)
	When(after(), add).Refused(t, invoice.ErrFixed)
	for _, c := range []struct {
		change func(*invoice.Line)
		want   error
	}{
		{func(l *invoice.Line) { l.Kind = "gift" }, invoice.ErrLine},
		{func(l *invoice.Line) { l.Text = "Anna's period" }, invoice.ErrLine},
		{func(l *invoice.Line) { l.Quantity = 0 }, invoice.ErrLine},
		{func(l *invoice.Line) { l.Per = -1 }, invoice.ErrLine},
		{func(l *invoice.Line) { l.TaxRate = 10_001 }, invoice.ErrLine},
		{func(l *invoice.Line) { l.Price.Currency = "USD" }, events.ErrCurrency},
		{func(l *invoice.Line) { l.Price.Amount = -1 }, invoice.ErrNegative},
		{func(l *invoice.Line) { l.Price.Amount, l.Quantity = 1<<62, 4 }, events.ErrAmount},
		{func(l *invoice.Line) { l.Price.Amount = 1 << 62 }, events.ErrAmount},
		{func(l *invoice.Line) { l.Sources = make([]events.LineSource, 2_001) }, invoice.ErrLong},
	} {
		wrong := add
		c.change(&wrong.Line)
		When(Given(drafted), wrong).Refused(t, c.want)
	}
}

func TestApproveDiscardAndBill(t *testing.T) {
	When(Given(drafted, added), invoice.Approve{Invoice: id}).Then(t, approved)
	When(Given(drafted, added, approved), invoice.Approve{Invoice: id}).Then(t)
	When(Given(drafted), invoice.Approve{Invoice: id}).Refused(t, invoice.ErrEmpty)
	When(Given(drafted, discarded), invoice.Approve{Invoice: id}).Refused(t, invoice.ErrDiscarded)
	When(Given(drafted), invoice.Discard{Invoice: id}).Then(t, discarded)
	When(Given(drafted, discarded), invoice.Discard{Invoice: id}).Then(t)
	When(Given(drafted, added, approved), invoice.Discard{Invoice: id}).Refused(t, invoice.ErrFixed)

	bill := invoice.Bill{Invoice: id, Player: "anna", Currency: "EUR", Lines: []invoice.Line{line}}
	When(Given(), bill).Then(t, drafted, added, approved)
	When(after(), bill).Then(t)
	bill.Lines = nil
	When(Given(), bill).Refused(t, invoice.ErrEmpty)
	bill.Lines = []invoice.Line{{Kind: events.LineDiscount, Text: "x", Quantity: 1, Per: 1, Price: eur(-1)}}
	When(Given(), bill).Refused(t, invoice.ErrNegative)
}

func TestIssueVoidAndWriteOff(t *testing.T) {
	issue := invoice.Issue{Invoice: id, Number: "2026-01-000001"}
	When(Given(drafted, added, approved), issue).Then(t, issued)
	When(after(), issue).Then(t)
	When(after(), invoice.Issue{Invoice: id, Number: "2026-01-000002"}).Refused(t, invoice.ErrNumber)
	When(Given(drafted, added), issue).Refused(t, invoice.ErrNotIssued)
	When(Given(), issue).Refused(t, invoice.ErrUnknown)

	When(after(), invoice.Void{Invoice: id}).Then(t, voided)
	When(after(voided), invoice.Void{Invoice: id}).Then(t)
	When(after(asked), invoice.Void{Invoice: id}).Refused(t, invoice.ErrUnderWay)
	When(after(asked, paid), invoice.Void{Invoice: id}).Refused(t, invoice.ErrTouched)
	When(Given(drafted), invoice.Void{Invoice: id}).Refused(t, invoice.ErrNotIssued)

	When(after(asked, failed), invoice.WriteOff{Invoice: id}).Then(t, written)
	When(after(written), invoice.WriteOff{Invoice: id}).Then(t)
	When(after(asked), invoice.WriteOff{Invoice: id}).Refused(t, invoice.ErrUnderWay)
	When(after(asked, paid), invoice.WriteOff{Invoice: id}).Refused(t, invoice.ErrNothingOpen)

	When(after(asked, failed), invoice.Exhaust{Invoice: id}).Then(t, exhausted)
	When(after(asked, failed, exhausted), invoice.Exhaust{Invoice: id}).Then(t)
	When(after(asked, paid), invoice.Exhaust{Invoice: id}).Then(t)
	When(after(asked), invoice.Exhaust{Invoice: id}).Refused(t, invoice.ErrUnderWay)
}
