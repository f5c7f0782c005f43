package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	load "github.com/playcast/playcast/bench/projections"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// moneySamples are things of a history that questions of money are asked about.
type moneySamples struct {
	accounts      []events.PlayerID
	invoices      []events.InvoiceID
	numbers       []events.DocumentNumber
	references    []string
	subscriptions []events.SubscriptionID
	subscribers   []events.PlayerID // whose subscriptions they are
	sessions      []events.SessionID
}

func (p *projectionsBench) moneySample(ctx context.Context) (s moneySamples, err error) {
	var all []error
	note := func(err error) { all = append(all, err) }
	s.accounts, err = sampled(ctx, p, named[events.PlayerID], "SELECT player_id FROM read.account ORDER BY hashtext(player_id) LIMIT 500")
	note(err)
	s.invoices, err = sampled(ctx, p, func(id uuid.UUID) events.InvoiceID { return events.InvoiceID(id) }, "SELECT invoice_id FROM read.invoice ORDER BY hashtext(invoice_id::text) LIMIT 500")
	note(err)
	s.numbers, err = sampled(ctx, p, named[events.DocumentNumber], "SELECT printed FROM read.document_number ORDER BY hashtext(printed) LIMIT 500")
	note(err)
	s.references, err = sampled(ctx, p, named[string], "SELECT reference FROM read.payment WHERE reference IS NOT NULL ORDER BY hashtext(reference) LIMIT 500")
	note(err)
	s.subscriptions, err = sampled(ctx, p, func(id uuid.UUID) events.SubscriptionID { return events.SubscriptionID(id) },
		"SELECT subscription_id FROM read.subscription ORDER BY hashtext(subscription_id::text), player_id LIMIT 500")
	note(err)
	s.subscribers, err = sampled(ctx, p, named[events.PlayerID], "SELECT player_id FROM read.subscription ORDER BY hashtext(subscription_id::text), player_id LIMIT 500")
	note(err)
	s.sessions, err = sampled(ctx, p, func(id uuid.UUID) events.SessionID { return events.SessionID(id) }, "SELECT session_id FROM read.session_bill ORDER BY hashtext(session_id::text) LIMIT 500")
	note(err)
	return s, errors.Join(all...)
}

// page is how much of a list is asked for.
const page = 50

// moneyQuestions are those about accounts, invoices, plans and the books.
func (p *projectionsBench) moneyQuestions(ctx context.Context) ([]load.Question, error) {
	s, err := p.moneySample(ctx)
	if err != nil {
		return nil, err
	}
	return append(p.accountQuestions(s), append(p.invoiceQuestions(s), p.bookQuestions(s)...)...), nil
}

func (p *projectionsBench) accountQuestions(s moneySamples) []load.Question {
	player := func(i int) events.PlayerID { return s.accounts[i%len(s.accounts)] }
	subscription := func(i int) (events.PlayerID, events.SubscriptionID) {
		return s.subscribers[i%len(s.subscribers)], s.subscriptions[i%len(s.subscriptions)]
	}
	return []load.Question{
		ask("Account", func(ctx context.Context, i int) (any, error) { return p.db.Account(ctx, player(i)) }),
		ask("Subscription", func(ctx context.Context, i int) (any, error) {
			who, which := subscription(i)
			return p.db.Subscription(ctx, who, which)
		}),
		ask("Subscriptions", func(ctx context.Context, i int) (any, error) { return p.db.Subscriptions(ctx, player(i), "", page) }),
		ask("Periods", func(ctx context.Context, i int) (any, error) {
			who, which := subscription(i)
			return p.db.Periods(ctx, who, which, "", page)
		}),
		ask("OpenCredits", func(ctx context.Context, i int) (any, error) { return p.db.OpenCredits(ctx, player(i)) }),
		ask("Credits", func(ctx context.Context, i int) (any, error) { return p.db.Credits(ctx, player(i), "", page) }),
		ask("Usage", func(ctx context.Context, i int) (any, error) { return p.db.Usage(ctx, player(i), "", page) }),
		ask("Playtime", func(ctx context.Context, i int) (any, error) { return p.db.Playtime(ctx, player(i), "", page) }),
		ask("PlayedSince", func(ctx context.Context, i int) (any, error) {
			return p.db.PlayedSince(ctx, player(i), aDay, aDay.AddDate(0, 0, 2))
		}),
		ask("Bill", func(ctx context.Context, i int) (any, error) { return p.db.Bill(ctx, s.sessions[i%len(s.sessions)]) }),
		ask("Plans", func(ctx context.Context, _ int) (any, error) { return p.db.Plans(ctx, "", page) }),
		ask("Subscribers", func(ctx context.Context, _ int) (any, error) { return p.db.Subscribers(ctx, "basic", 1, "", page) }),
	}
}

func (p *projectionsBench) invoiceQuestions(s moneySamples) []load.Question {
	player := func(i int) events.PlayerID { return s.accounts[i%len(s.accounts)] }
	return []load.Question{
		ask("Invoices", func(ctx context.Context, i int) (any, error) { return p.db.Invoices(ctx, player(i), "", page) }),
		ask("AllInvoices", func(ctx context.Context, _ int) (any, error) { return p.db.AllInvoices(ctx, "", "", page) }),
		ask("AllInvoices settled", func(ctx context.Context, _ int) (any, error) {
			return p.db.AllInvoices(ctx, queries.InvoiceIsSettled, "", page)
		}),
		ask("Receivables", func(ctx context.Context, _ int) (any, error) { return p.db.Receivables(ctx, "", page) }),
		ask("InvoiceDocument", func(ctx context.Context, i int) (any, error) {
			return p.db.InvoiceDocument(ctx, s.invoices[i%len(s.invoices)])
		}),
		ask("Document", func(ctx context.Context, i int) (any, error) { return p.db.Document(ctx, s.numbers[i%len(s.numbers)]) }),
		ask("DocumentSeries", func(ctx context.Context, _ int) (any, error) { return p.db.DocumentSeries(ctx, "", page) }),
		ask("SessionInvoices", func(ctx context.Context, i int) (any, error) {
			return p.db.SessionInvoices(ctx, s.sessions[i%len(s.sessions)])
		}),
		ask("Owing", func(ctx context.Context, i int) (any, error) { return p.db.Owing(ctx, player(i)) }),
		ask("CreditNotes", func(ctx context.Context, _ int) (any, error) { return p.db.CreditNotes(ctx, "", page) }),
		ask("Payments", func(ctx context.Context, i int) (any, error) { return p.db.Payments(ctx, player(i), "", page) }),
		ask("PaymentsByReference", func(ctx context.Context, i int) (any, error) {
			return p.db.PaymentsByReference(ctx, s.references[i%len(s.references)])
		}),
		ask("Unbilled", func(ctx context.Context, _ int) (any, error) { return p.db.Unbilled(ctx, "", page) }),
	}
}

// aDay is one of a simulated history.
var aDay = time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)

func (p *projectionsBench) bookQuestions(s moneySamples) []load.Question {
	player := func(i int) events.PlayerID { return s.accounts[i%len(s.accounts)] }
	day := func(i int) time.Time { return aDay.AddDate(0, 0, i%20) }
	return []load.Question{
		ask("TrialBalance", func(ctx context.Context, _ int) (any, error) { return p.db.TrialBalance(ctx) }),
		ask("Turnover", func(ctx context.Context, i int) (any, error) { return p.db.Turnover(ctx, aDay, day(i)) }),
		ask("Standing", func(ctx context.Context, i int) (any, error) { return p.db.Standing(ctx, player(i)) }),
		ask("Statement", func(ctx context.Context, i int) (any, error) { return p.db.Statement(ctx, player(i), "", page) }),
		ask("Journal", func(ctx context.Context, i int) (any, error) {
			return p.db.Journal(ctx, day(i), day(i).AddDate(0, 1, 0), "", page)
		}),
		ask("InvoiceBooked", func(ctx context.Context, i int) (any, error) {
			return p.db.InvoiceBooked(ctx, s.invoices[i%len(s.invoices)])
		}),
		ask("AccountEntries", func(ctx context.Context, i int) (any, error) {
			return p.db.AccountEntries(ctx, queries.BookFilter{Account: "cash", Currency: "EUR", Since: aDay.AddDate(0, -1, 0), Until: day(i)}, "", page)
		}),
	}
}

// ask is a question whose answer is only waited for.
func ask(name string, question func(ctx context.Context, i int) (any, error)) load.Question {
	return load.Question{Name: name, Ask: func(ctx context.Context, i int) error {
		_, err := question(ctx, i)
		return err
	}}
}
