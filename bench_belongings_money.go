package main

import (
	"time"

	"github.com/playcast/playcast/events"
)

func euros(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

// accounts are metered what was played. The popular one has bought much.
func (b *belongings) accounts() {
	for i := range b.n {
		player := b.plays(i)
		if player != popular {
			b.put(events.AccountStream(player), events.AccountOpened{Player: player, At: b.at})
		}
		for number := range 1 + i%4/2 {
			b.put(events.AccountStream(player), events.PlaytimeMetered{Player: player, Session: events.SessionID(b.id("session", i)), Game: b.game(i),
				Segment: events.Segment{Number: number + 1, From: b.at.Add(-time.Minute), To: b.at}, At: b.at})
		}
		if i%5 == 0 {
			b.put(events.AccountStream(popular), events.CreditGranted{Player: popular, Credit: events.CreditID(b.id("credit", i)),
				Play: time.Hour, Charge: euros(300), At: b.at})
		}
	}
}

// invoices are the popular one's. Of three one is open, one is paid, and one is
// paid and half of it credited.
func (b *belongings) invoices() {
	series, number := events.SeriesAt(b.at.AddDate(80, 0, 0)), 0 // no other history is of then
	assigned := func(of events.Document) events.DocumentNumber {
		number++
		b.put(events.SeriesStream(series), events.NumberAssigned{Series: series, Number: number, Printed: series.Number(number), Document: of, At: b.at})
		return series.Number(number)
	}
	for i := range b.n / 2 {
		id := events.InvoiceID(b.id("invoice", i))
		stream := events.InvoiceStream(id)
		b.put(stream,
			events.InvoiceDrafted{Invoice: id, Player: popular, Currency: "EUR", At: b.at},
			events.InvoiceLineAdded{Invoice: id, Number: 1, At: b.at, Line: events.InvoiceLine{Kind: events.LinePlaytime, Text: "overage", Quantity: 1, Per: 1,
				Price: euros(1000), Amount: euros(1000), TaxRate: 2000, Sources: []events.LineSource{{Event: events.EventID(b.id("charge", i)), Session: events.SessionID(b.id("session", i)), Segment: 1}}}},
			events.InvoiceApproved{Invoice: id, Series: series, Sums: sumsOf(1000), At: b.at})
		b.put(stream, events.InvoiceIssued{Invoice: id, Player: popular, Number: assigned(events.Document{Invoice: id}), Sums: sumsOf(1000), At: b.at})
		if i%3 == 0 {
			continue
		}
		b.put(stream,
			events.PaymentAsked{Invoice: id, Player: popular, Payment: events.PaymentOf(id, 1), Attempt: 1, Amount: euros(1200), At: b.at},
			events.PaymentSucceeded{Invoice: id, Player: popular, Payment: events.PaymentOf(id, 1), Attempt: 1, Reference: id.String(), Amount: euros(1200),
				Settles: events.Settlement{Open: euros(1200), WrittenOff: euros(0), Goodwill: euros(0), Owed: euros(0)}, Open: euros(0), At: b.at})
		if i%3 == 1 {
			continue
		}
		note := events.CreditNoteID(b.id("note", i))
		b.put(stream, events.CreditNoteApproved{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Series: series,
			Lines: []events.CreditLine{{Line: 1, Net: euros(500)}}, Sums: sumsOf(500), At: b.at})
		b.put(stream, events.CreditNoteIssued{Invoice: id, Player: popular, CreditNote: note, Number: assigned(events.Document{Invoice: id, CreditNote: note}), Sums: sumsOf(500),
			Settles: events.Settlement{Open: euros(0), WrittenOff: euros(0), Goodwill: euros(0), Owed: euros(600)}, Open: euros(0), At: b.at})
	}
}

// sumsOf are those of play, at a fifth of tax.
func sumsOf(net int64) events.DocumentSums {
	return events.DocumentSums{
		Kinds: []events.KindSum{{Kind: events.LinePlaytime, Net: euros(net)}},
		Taxes: []events.TaxSum{{Rate: 2000, Net: euros(net), Tax: euros(net / 5)}},
		Net:   euros(net), Tax: euros(net / 5), Total: euros(net + net/5),
	}
}

// bills are given up.
func (b *belongings) bills() {
	for i := range b.n / 5 {
		id := events.InvoiceID(b.id("bill", i))
		b.put(events.InvoiceStream(id), events.BillGivenUp{Invoice: id, Player: b.player(i), Charge: events.EventID(b.id("charge", i)),
			Net: euros(990), Code: "invoice-too-large", At: b.at})
	}
}
