package billing_test

import (
	"testing"

	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

func TestArrearsEndTheSubscriptionThatIsOwed(t *testing.T) {
	invoice, second := events.InvoiceID{1}, events.InvoiceID{2}
	owed := func(invoice events.InvoiceID, subscription string) events.InvoiceLineAdded {
		return events.InvoiceLineAdded{Invoice: invoice, Number: 1, At: half, Line: events.InvoiceLine{
			Sources: []events.LineSource{{Event: events.EventID{1}, Subscription: subscription}}}}
	}
	exhausted := func(invoice events.InvoiceID) events.DunningExhausted {
		return events.DunningExhausted{Invoice: invoice, Player: "anna", Attempts: 4, Open: cents(1000), At: half}
	}
	gone := events.SubscriptionEnded{Player: "anna", Subscription: sub, At: half}
	next := started
	next.Subscription = other
	end := billing.End{Player: "anna", Subscription: sub, Reason: events.SubscriptionUnpaid}
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"an overdue invoice", []events.Event{started, owed(invoice, sub.String()), exhausted(invoice)}, []any{end}},
		{"delivered again", []events.Event{started, owed(invoice, sub.String()), exhausted(invoice), exhausted(invoice), gone, started, exhausted(invoice)}, nil},
		{"no invoice", []events.Event{started}, nil},
		{"of another subscription", []events.Event{started, owed(invoice, sub.String()), gone, next, exhausted(invoice)}, nil},
		{"of the one before, late", []events.Event{started, gone, next, owed(invoice, sub.String()), exhausted(invoice)}, nil},
		{"of credits", []events.Event{started, owed(invoice, ""), exhausted(invoice)}, nil},
		{"of something that is no subscription", []events.Event{started, owed(invoice, "anna's"), exhausted(invoice)}, nil},
		{"of one of two", []events.Event{started, owed(invoice, sub.String()), owed(second, ""), exhausted(second)}, nil},
		{"of somebody else's", []events.Event{started, owed(invoice, sub.String()),
			events.DunningExhausted{Invoice: invoice, Player: "bert", Attempts: 4, Open: cents(1000), At: half}}, nil},
		{"ended meanwhile", []events.Event{started, owed(invoice, sub.String()), exhausted(invoice), gone}, nil},
		{"paid at the last moment", []events.Event{started, owed(invoice, sub.String()), exhausted(invoice),
			events.PaymentSucceeded{Invoice: invoice, Open: cents(0), At: half}}, nil},
		{"paid in part", []events.Event{started, owed(invoice, sub.String()), exhausted(invoice),
			events.PaymentSucceeded{Invoice: invoice, Open: cents(1), At: half}}, []any{end}},
		{"credited", []events.Event{started, owed(invoice, sub.String()), exhausted(invoice),
			events.CreditNoteIssued{Invoice: invoice, Open: cents(0), At: half}}, nil},
		{"voided", []events.Event{started, owed(invoice, sub.String()), events.InvoiceVoided{Invoice: invoice, At: half}, exhausted(invoice)}, nil},
		{"written off", []events.Event{started, owed(invoice, sub.String()), events.InvoiceWrittenOff{Invoice: invoice, At: half}, exhausted(invoice)}, nil},
		{"over nothing", []events.Event{started, owed(invoice, sub.String()), events.InvoiceIssued{Invoice: invoice, At: half}, exhausted(invoice)}, nil},
		{"discarded", []events.Event{started, owed(invoice, sub.String()), events.InvoiceDiscarded{Invoice: invoice, At: half}, exhausted(invoice)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(billing.NewArrears(), c.given...), half, c.due...) })
	}
}
