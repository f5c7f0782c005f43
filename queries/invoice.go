package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// InvoiceState is what an invoice is to those who read it.
type InvoiceState string

// The states.
const (
	InvoiceIsDrafted    InvoiceState = "drafted"
	InvoiceIsDiscarded  InvoiceState = "discarded"
	InvoiceIsApproved   InvoiceState = "approved" // and waits for its number
	InvoiceIsOpen       InvoiceState = "open"     // something of it is to be paid
	InvoiceIsSettled    InvoiceState = "settled"  // paid or credited
	InvoiceIsVoided     InvoiceState = "voided"
	InvoiceIsWrittenOff InvoiceState = "written-off"
)

// Known says whether it is one of the states.
func (s InvoiceState) Known() bool {
	switch s {
	case InvoiceIsDrafted, InvoiceIsDiscarded, InvoiceIsApproved, InvoiceIsOpen, InvoiceIsSettled, InvoiceIsVoided, InvoiceIsWrittenOff:
		return true
	}
	return false
}

// What there is none of.
var (
	ErrInvoiceUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-invoice",
		Message: "There is no such invoice. Look at the list of invoices."}
	ErrInvoiceState = &events.Fault{Kind: events.Invalid, Code: "invoice-state-unknown",
		Message: "An invoice is drafted, discarded, approved, open, settled, voided or written-off."}
)

// Invoice is one, as a list shows it.
type Invoice struct {
	ID        events.InvoiceID
	Player    events.PlayerID
	State     InvoiceState
	Number    events.DocumentNumber // empty: it is not issued
	Net       events.Money          // of a draft: without tax, so far
	Tax       events.Money
	Total     events.Money
	Balance   InvoiceBalance
	Dunning   Dunning
	Lines     int
	DraftedAt time.Time
	IssuedAt  *time.Time
	DueAt     *time.Time
	SettledAt *time.Time // since then nothing is open
	Position  events.Position
}

// InvoiceBalance is what has become of an invoice's total.
type InvoiceBalance struct {
	Open       events.Money // to be paid
	WrittenOff events.Money // not expected any more
	Goodwill   events.Money // paid back without being owed
	Owed       events.Money // to the player
	Paid       events.Money // all that came in
	Credited   events.Money // all that is on credit notes
	Refunded   events.Money // all that went back
}

// DunningState is how far an invoice is from being collected.
type DunningState string

// The states of dunning.
const (
	DunningNone      DunningState = "none"
	DunningAsked     DunningState = "asked"     // the provider has not answered yet
	DunningFailed    DunningState = "failed"    // it is tried again
	DunningExhausted DunningState = "exhausted" // it is not tried again by itself
)

// Dunning is what was tried to have an invoice paid.
type Dunning struct {
	State    DunningState
	Attempts int
	TriedAt  *time.Time
	Failure  events.PaymentFailure // of the last that failed; empty: none did
}

// Overdue says whether an attempt to have the invoice paid has failed.
func (d Dunning) Overdue() bool { return d.State == DunningFailed || d.State == DunningExhausted }

// InvoicePage is some invoices.
type InvoicePage struct {
	Invoices []Invoice
	Next     string // the next page's cursor; empty: this was the last
}

// Invoices answers: which invoices has the player got? The last comes first.
func (d *DB) Invoices(ctx context.Context, player events.PlayerID, cursor string, size int) (InvoicePage, error) {
	of, before := listOf("invoices", player), newest()
	if err := of.after(cursor, &before); err != nil {
		return InvoicePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Invoices(ctx, db.InvoicesParams{PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
	if err != nil {
		return InvoicePage{}, failed("query a player's invoices", err, nil)
	}
	var page InvoicePage
	page.Invoices, page.Next = pageOf(of, rows, size, func(r db.InvoicesRow) (Invoice, key) {
		return invoiceOf(r.ReadInvoice), &byTime{*r.ReadInvoice.IssuedAt, r.ReadInvoice.InvoiceID}
	})
	return page, nil
}

// AllInvoices answers: which invoices are in a state, or, with none given, are
// there? The last that was drafted comes first.
func (d *DB) AllInvoices(ctx context.Context, state InvoiceState, cursor string, size int) (InvoicePage, error) {
	of, before := listOf("all-invoices", state), newest()
	if err := of.after(cursor, &before); err != nil {
		return InvoicePage{}, err
	}
	size = pageSize(size)
	var page InvoicePage
	if state == "" {
		rows, err := d.q.AllInvoices(ctx, db.AllInvoicesParams{BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
		if err != nil {
			return InvoicePage{}, failed("query the invoices", err, nil)
		}
		page.Invoices, page.Next = pageOf(of, rows, size, func(r db.AllInvoicesRow) (Invoice, key) {
			return invoiceOf(r.ReadInvoice), &byTime{r.ReadInvoice.DraftedAt, r.ReadInvoice.InvoiceID}
		})
		return page, nil
	}
	if !state.Known() {
		return InvoicePage{}, ErrInvoiceState
	}
	rows, err := d.q.InvoicesInState(ctx, db.InvoicesInStateParams{State: string(state), BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
	if err != nil {
		return InvoicePage{}, failed("query the invoices of a state", err, nil)
	}
	page.Invoices, page.Next = pageOf(of, rows, size, func(r db.InvoicesInStateRow) (Invoice, key) {
		return invoiceOf(r.ReadInvoice), &byTime{r.ReadInvoice.DraftedAt, r.ReadInvoice.InvoiceID}
	})
	return page, nil
}

// Receivables answers: what is to be paid, and for how long already? What is due
// for the longest comes first.
func (d *DB) Receivables(ctx context.Context, cursor string, size int) (InvoicePage, error) {
	of, after := listOf("receivables"), byTime{}
	if err := of.after(cursor, &after); err != nil {
		return InvoicePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Receivables(ctx, db.ReceivablesParams{AfterAt: after.at, AfterID: after.id, PageSize: int32(size + 1)})
	if err != nil {
		return InvoicePage{}, failed("query the open invoices", err, nil)
	}
	var page InvoicePage
	page.Invoices, page.Next = pageOf(of, rows, size, func(r db.ReceivablesRow) (Invoice, key) {
		return invoiceOf(r.ReadInvoice), &byTime{*r.ReadInvoice.DueAt, r.ReadInvoice.InvoiceID}
	})
	return page, nil
}

func invoiceOf(i db.ReadInvoice) Invoice {
	in := func(amount int64) events.Money { return money(amount, &i.Currency) }
	return Invoice{
		ID: events.InvoiceID(i.InvoiceID), Player: events.PlayerID(i.PlayerID), State: InvoiceState(i.State),
		Number: events.DocumentNumber(value(i.Number)), Net: in(i.Net), Tax: in(i.Tax), Total: in(i.Total),
		Balance: InvoiceBalance{Open: in(i.Open), WrittenOff: in(i.WrittenOff), Goodwill: in(i.Goodwill), Owed: in(i.Owed),
			Paid: in(i.Paid), Credited: in(i.Credited), Refunded: in(i.Refunded)},
		Dunning: Dunning{State: DunningState(i.Dunning), Attempts: int(i.Attempts), TriedAt: utc(i.TriedAt), Failure: events.PaymentFailure(value(i.Failure))},
		Lines:   int(i.Lines), DraftedAt: i.DraftedAt.UTC(), IssuedAt: utc(i.IssuedAt), DueAt: utc(i.DueAt), SettledAt: utc(i.SettledAt),
		Position: events.Position(i.Position),
	}
}

// Owing is what stands between a player and the platform in a currency.
type Owing struct {
	Open    events.Money // to be paid
	Overdue events.Money // of that, what an attempt has failed for
	Owed    events.Money // to the player
}

// Owing answers: what does the player owe, and what is owed to them, by their
// invoices?
func (d *DB) Owing(ctx context.Context, player events.PlayerID) ([]Owing, error) {
	rows, err := d.q.Owing(ctx, string(player))
	if err != nil {
		return nil, failed("query what a player owes", err, nil)
	}
	owing := make([]Owing, 0, len(rows))
	for _, row := range rows {
		owing = append(owing, Owing{Open: money(row.Open, &row.Currency), Overdue: money(row.Overdue, &row.Currency), Owed: money(row.Owed, &row.Currency)})
	}
	return owing, nil
}
