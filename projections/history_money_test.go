package projections_test

import (
	"time"

	"github.com/playcast/playcast/events"
)

func eur(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

// bill has dora pay, and get back, all that there is to be paid and got back.
func (h *history) bill() {
	h.t.Helper()
	offer := events.Offer{Plan: "plus", Version: 1, Terms: events.Terms{Price: eur(1000), Interval: events.Monthly, Included: time.Hour,
		Access: events.Access{Sessions: 1, Longest: time.Hour, Resolution: 720}}}
	id, credit := events.SubscriptionOf(events.NewCommandID()), events.CreditOf(events.NewCommandID())
	h.put(events.PlanStream("plus"), events.PlanPublished{Offer: offer, At: h.now})
	h.put(events.AccountStream("dora"),
		events.AccountOpened{Player: "dora", At: h.now},
		events.SubscriptionStarted{Player: "dora", Subscription: id, Offer: offer, Period: events.Period{Number: 1, From: h.now, To: h.now.AddDate(0, 1, 0)}, Charge: eur(1000), At: h.now},
		events.CreditGranted{Player: "dora", Credit: credit, Play: time.Hour, Charge: eur(300), At: h.now},
		events.CreditExpired{Player: "dora", Credit: credit, Lapsed: time.Hour, Value: eur(300), At: h.wait(time.Hour)})
	h.invoice(events.InvoiceOf(events.EventID{1}), "2020-01") // no other history is of then
	h.put(events.InvoiceStream(events.InvoiceOf(events.EventID{2})),
		events.BillGivenUp{Invoice: events.InvoiceOf(events.EventID{2}), Player: "dora", Charge: events.EventID{2}, Net: eur(1), Code: "account-behind", At: h.now})
}

// invoice has dora pay one of 12.00, of which half is credited and paid back.
// Its documents are the first of a series.
func (h *history) invoice(id events.InvoiceID, series events.Series) {
	h.t.Helper()
	const number = 1
	note, payment, refund := events.CreditNoteOf(events.NewCommandID()), events.PaymentOf(id, 1), events.RefundID{7}
	none, half := eur(0), sums(500)
	stream := events.InvoiceStream(id)
	h.put(stream,
		events.InvoiceDrafted{Invoice: id, Player: "dora", Currency: "EUR", At: h.now},
		events.InvoiceLineAdded{Invoice: id, Number: 1, At: h.now, Line: events.InvoiceLine{Kind: events.LineSubscription, Text: "plus", Quantity: 1, Per: 1,
			Price: eur(1000), Amount: eur(1000), TaxRate: 2000, Sources: []events.LineSource{{Event: events.EventID{1}}}}},
		events.InvoiceApproved{Invoice: id, Series: series, Sums: sums(1000), At: h.now})
	h.put(events.SeriesStream(series), events.NumberAssigned{Series: series, Number: number, Printed: series.Number(number), Document: events.Document{Invoice: id}, At: h.now})
	h.put(stream,
		events.InvoiceIssued{Invoice: id, Player: "dora", Number: series.Number(number), Sums: sums(1000), At: h.now},
		events.PaymentAsked{Invoice: id, Player: "dora", Payment: payment, Attempt: 1, Amount: eur(1200), At: h.now},
		events.PaymentSucceeded{Invoice: id, Player: "dora", Payment: payment, Attempt: 1, Reference: "p1", Amount: eur(1200),
			Settles: events.Settlement{Open: eur(1200), WrittenOff: none, Goodwill: none, Owed: none}, Open: none, At: h.now},
		events.CreditNoteApproved{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Series: series, Lines: []events.CreditLine{{Line: 1, Net: eur(500)}}, Sums: half, At: h.now})
	h.put(events.SeriesStream(series), events.NumberAssigned{Series: series, Number: number + 1, Printed: series.Number(number + 1),
		Document: events.Document{Invoice: id, CreditNote: note}, At: h.now})
	h.put(stream,
		events.CreditNoteIssued{Invoice: id, Player: "dora", CreditNote: note, Number: series.Number(number + 1), Sums: half,
			Settles: events.Settlement{Open: none, WrittenOff: none, Goodwill: none, Owed: eur(600)}, Open: none, At: h.now},
		events.RefundAsked{Invoice: id, Player: "dora", Payment: payment, Refund: refund, Amount: eur(600), Reason: events.CreditByNote, Attempt: 1, At: h.now},
		events.PaymentRefunded{Invoice: id, Player: "dora", Payment: payment, Refund: refund, Amount: eur(600),
			Settles: events.Settlement{Open: none, WrittenOff: none, Goodwill: none, Owed: eur(600)}, At: h.now})
}

// sums are those of a subscription at a fifth of tax.
func sums(net int64) events.DocumentSums {
	return events.DocumentSums{
		Kinds: []events.KindSum{{Kind: events.LineSubscription, Net: eur(net)}},
		Taxes: []events.TaxSum{{Rate: 2000, Net: eur(net), Tax: eur(net / 5)}},
		Net:   eur(net), Tax: eur(net / 5), Total: eur(net + net/5),
	}
}
