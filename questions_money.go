package main

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// accountQuestions are about what players may play, and what that is paid with.
func accountQuestions(ctx context.Context, s *samples) []question {
	account, plan := views(queries.ViewAccount), views(queries.ViewPlan, queries.ViewAccount)
	accounts := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, sessions AS n FROM read.account")
	credited := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.credit GROUP BY 1")
	using := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.usage_month GROUP BY 1")
	playing := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.playtime GROUP BY 1")
	subscribers := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.subscription GROUP BY 1")
	billed := ids[events.SessionID](ctx, s, "SELECT session_id AS id, segments AS n FROM read.session_bill")
	type subscription struct {
		Player string
		ID     uuid.UUID
	}
	subscriptions := rowsOf[subscription](ctx, s, "SELECT player_id, subscription_id FROM read.subscription ORDER BY period DESC, subscription_id LIMIT 100")
	type version struct {
		Plan    string
		Version int
	}
	versions := rowsOf[version](ctx, s, "SELECT plan_id, plan_version FROM read.plan_subscribers ORDER BY running DESC, plan_id LIMIT 100")
	plans := texts[events.PlanID](ctx, s, "SELECT plan_id AS id, count(*) AS n FROM read.plan_version GROUP BY 1")
	return []question{
		about("Account", account, accounts, (*queries.DB).Account),
		about("Subscription", account, subscriptions, func(db *queries.DB, ctx context.Context, of subscription) (queries.Subscription, error) {
			return db.Subscription(ctx, events.PlayerID(of.Player), events.SubscriptionID(of.ID))
		}),
		paged("Subscriptions", account, subscribers, (*queries.DB).Subscriptions),
		paged("Periods", account, subscriptions, func(db *queries.DB, ctx context.Context, of subscription, cursor string, size int) (queries.PeriodPage, error) {
			return db.Periods(ctx, events.PlayerID(of.Player), events.SubscriptionID(of.ID), cursor, size)
		}),
		paged("Subscribers", account, versions, func(db *queries.DB, ctx context.Context, of version, cursor string, size int) (queries.SubscriberPage, error) {
			return db.Subscribers(ctx, events.PlanID(of.Plan), of.Version, cursor, size)
		}),
		about("OpenCredits", account, credited, (*queries.DB).OpenCredits),
		paged("Credits", account, credited, (*queries.DB).Credits),
		paged("Usage", account, using, (*queries.DB).Usage),
		paged("Playtime", account, playing, (*queries.DB).Playtime),
		about("Bill", account, billed, (*queries.DB).Bill),
		everything("Plans", plan, (*queries.DB).Plans),
		paged("PlanVersions", plan, plans, (*queries.DB).PlanVersions),
		about("Plan", plan, versions, func(db *queries.DB, ctx context.Context, of version) (queries.Plan, error) {
			return db.Plan(ctx, events.PlanID(of.Plan), of.Version)
		}),
	}
}

// invoiceQuestions are about what was billed and paid.
func invoiceQuestions(ctx context.Context, s *samples) []question {
	invoice := views(queries.ViewInvoice)
	invoices := ids[events.InvoiceID](ctx, s, "SELECT invoice_id AS id, count(*) AS n FROM read.invoice_source GROUP BY 1")
	billed := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.invoice GROUP BY 1")
	owing := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.invoice WHERE state = 'open' OR owed > 0 GROUP BY 1")
	payers := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.payment GROUP BY 1")
	sessions := ids[events.SessionID](ctx, s, "SELECT session_id AS id, count(*) AS n FROM read.invoice_source WHERE session_id IS NOT NULL GROUP BY 1")
	numbers := texts[events.DocumentNumber](ctx, s, "SELECT printed AS id, number AS n FROM read.document_number")
	references := texts[string](ctx, s, "SELECT reference AS id, count(*) AS n FROM read.payment WHERE reference IS NOT NULL GROUP BY 1")
	states := []queries.InvoiceState{"", queries.InvoiceIsSettled, queries.InvoiceIsOpen, queries.InvoiceIsDrafted, queries.InvoiceIsApproved,
		queries.InvoiceIsVoided, queries.InvoiceIsWrittenOff, queries.InvoiceIsDiscarded}
	return []question{
		about("InvoiceDocument", invoice, invoices, (*queries.DB).InvoiceDocument),
		paged("Invoices", invoice, billed, (*queries.DB).Invoices),
		paged("AllInvoices", invoice, states, (*queries.DB).AllInvoices),
		everything("Receivables", invoice, (*queries.DB).Receivables),
		about("Owing", invoice, owing, (*queries.DB).Owing),
		everything("CreditNotes", invoice, (*queries.DB).CreditNotes),
		paged("Payments", invoice, payers, (*queries.DB).Payments),
		about("PaymentsByReference", invoice, references, (*queries.DB).PaymentsByReference),
		about("Document", invoice, numbers, (*queries.DB).Document),
		everything("DocumentSeries", invoice, (*queries.DB).DocumentSeries),
		everything("Unbilled", invoice, (*queries.DB).Unbilled),
		about("SessionInvoices", invoice, sessions, (*queries.DB).SessionInvoices),
	}
}

// span is a stretch of time.
type span struct{ since, until time.Time }

// ledgerQuestions are about the books.
func ledgerQuestions(ctx context.Context, s *samples) []question {
	ledger := views(queries.ViewLedger)
	owners := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.ledger_transaction WHERE invoice_id IS NOT NULL GROUP BY 1")
	invoices := ids[events.InvoiceID](ctx, s, "SELECT invoice_id AS id, count(*) AS n FROM read.ledger_transaction WHERE invoice_id IS NOT NULL GROUP BY 1")
	type book struct{ Account, Currency string }
	books := rowsOf[book](ctx, s, "SELECT account, currency FROM read.ledger_balance ORDER BY entries DESC, account, currency")
	last := rowsOf[struct{ At time.Time }](ctx, s, "SELECT max(at) FROM read.ledger_transaction")[0].At
	ranges := []span{{longAgo, farAhead}, {last.AddDate(0, -1, 0), last}, {last.Add(-time.Hour), farAhead}}
	journal := func(db *queries.DB, ctx context.Context, of span, cursor string, size int) (queries.JournalPage, error) {
		return db.Journal(ctx, of.since, of.until, cursor, size)
	}
	return []question{
		once("TrialBalance", ledger, (*queries.DB).TrialBalance),
		about("Turnover", ledger, ranges, func(db *queries.DB, ctx context.Context, of span) ([]queries.BookBalance, error) {
			return db.Turnover(ctx, of.since, of.until)
		}),
		about("PlayerBalances", ledger, owners, (*queries.DB).PlayerBalances),
		paged("Statement", ledger, owners, (*queries.DB).Statement),
		paged("Journal", ledger, ranges, journal),
		paged("Journal:of a day", ledger, []span{{last.Truncate(24 * time.Hour), last.Truncate(24*time.Hour).AddDate(0, 0, 1)}}, journal),
		about("InvoiceBooked", views(queries.ViewLedger, queries.ViewInvoice), invoices, (*queries.DB).InvoiceBooked),
		paged("AccountEntries", ledger, books, func(db *queries.DB, ctx context.Context, of book, cursor string, size int) (queries.EntryPage, error) {
			return db.AccountEntries(ctx, queries.BookFilter{Account: of.Account, Currency: events.Currency(of.Currency), Since: longAgo, Until: farAhead}, cursor, size)
		}),
	}
}
