package events_test

import (
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

var (
	invoiceID      = events.InvoiceID(uuid.MustParse("01970000-0000-7000-8000-000000000004"))
	noteID         = events.CreditNoteID(uuid.MustParse("01970000-0000-7000-8000-000000000005"))
	paymentID      = events.PaymentID(uuid.MustParse("01970000-0000-7000-8000-000000000006"))
	refundID       = events.RefundID(uuid.MustParse("01970000-0000-7000-8000-000000000007"))
	failedRefundID = events.RefundID(uuid.MustParse("01970000-0000-7000-8000-00000000000b"))
	eventID        = events.EventID(uuid.MustParse("01970000-0000-7000-8000-000000000008"))
)

// euros is an amount in cents.
func euros(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

// sums is what an invoice with all parts comes to.
var sums = events.DocumentSums{
	Kinds: []events.KindSum{{Kind: events.LineSubscription, Net: euros(1000)}},
	Taxes: []events.TaxSum{{Rate: 1900, Net: euros(1000), Tax: euros(190)}},
	Net:   euros(1000), Tax: euros(190), Total: euros(1190),
}

// invoiceSamples has one of every event type of invoices and payments.
var invoiceSamples = []events.Event{
	events.BillGivenUp{Invoice: invoiceID, Player: "player1", Charge: eventID, Net: euros(1000), Code: "invoice-too-long", At: at},
	events.BillRetried{Invoice: invoiceID, At: at},
	events.InvoiceDrafted{Invoice: invoiceID, Player: "player1", Currency: "EUR", At: at},
	events.InvoiceLineAdded{Invoice: invoiceID, Number: 1, Line: events.InvoiceLine{
		Kind: events.LinePlaytime, Text: "playtime.hours", Quantity: 5400, Per: 3600, Price: euros(200), Amount: euros(300), TaxRate: 1900,
		Sources: []events.LineSource{{Event: eventID, Session: sessionID, Segment: 2, Subscription: "s", Period: 3}},
	}, At: at},
	events.InvoiceDiscarded{Invoice: invoiceID, At: at},
	events.InvoiceApproved{Invoice: invoiceID, Series: "2026-01", Sums: sums, At: at},
	events.NumberAssigned{Series: "2026-01", Number: 42, Printed: "2026-01-000042", Document: events.Document{Invoice: invoiceID, CreditNote: noteID}, At: at},
	events.InvoiceIssued{Invoice: invoiceID, Player: "player1", Number: "2026-01-000042", Sums: sums, At: at},
	events.InvoiceVoided{Invoice: invoiceID, Player: "player1", Sums: sums, At: at},
	events.InvoiceWrittenOff{Invoice: invoiceID, Player: "player1", Amount: euros(1190), At: at},
	events.DunningExhausted{Invoice: invoiceID, Player: "player1", Attempts: 5, Open: euros(1190), At: at},
	events.CreditNoteApproved{Invoice: invoiceID, CreditNote: noteID, Reason: events.CreditOutage, Series: "2026-01",
		Lines: []events.CreditLine{{Line: 1, Net: euros(1000)}}, Sums: sums, At: at},
	events.CreditNoteIssued{Invoice: invoiceID, Player: "player1", CreditNote: noteID, Number: "2026-01-000043", Sums: sums,
		Settles: events.Settlement{Open: euros(190), WrittenOff: euros(100), Goodwill: euros(100), Owed: euros(800)}, Open: euros(0), At: at},
	events.PaymentAsked{Invoice: invoiceID, Player: "player1", Payment: paymentID, Attempt: 1, Amount: euros(1190), At: at},
	events.PaymentSucceeded{Invoice: invoiceID, Player: "player1", Payment: paymentID, Attempt: 1, Reference: "ch_1", Amount: euros(1290),
		Settles: events.Settlement{Open: euros(1190), WrittenOff: euros(0), Goodwill: euros(0), Owed: euros(100)}, Open: euros(0), At: at},
	events.PaymentFailed{Invoice: invoiceID, Player: "player1", Payment: paymentID, Attempt: 1, Reason: events.PaymentDeclined, Open: euros(1190), At: at},
	events.RefundAsked{Invoice: invoiceID, Player: "player1", Payment: paymentID, Refund: refundID, Amount: euros(100), Reason: events.CreditSurplus,
		Attempt: 2, Instead: failedRefundID, At: at},
	events.PaymentRefunded{Invoice: invoiceID, Player: "player1", Payment: paymentID, Refund: refundID, Amount: euros(100),
		Settles: events.Settlement{Open: euros(0), WrittenOff: euros(0), Goodwill: euros(0), Owed: euros(100)}, At: at},
	events.RefundFailed{Invoice: invoiceID, Player: "player1", Payment: paymentID, Refund: refundID, At: at},
	events.RefundGivenUp{Invoice: invoiceID, Player: "player1", Payment: paymentID, Refund: refundID, Attempts: 4, Owed: euros(100), At: at},
}
