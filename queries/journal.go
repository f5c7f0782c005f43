package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Booked is a transaction of the books: what an event moved.
type Booked struct {
	Event    events.EventID
	Type     string // of the event
	Player   events.PlayerID
	Invoice  events.InvoiceID // zero: it is of none
	Session  events.SessionID // zero: it is of none
	At       time.Time
	Amount   events.Money // that was moved
	Owed     events.Money // by how much the player owes more by it; less than nothing: less
	Owes     events.Money // what the player owes after it, in the order of the log
	Entries  []Entry      // where a question gives them
	Position events.Position
}

// Entry is a posting of a transaction.
type Entry struct {
	ID      uuid.UUID
	Number  int // within the transaction
	Account string
	Player  events.PlayerID
	Amount  events.Money // a debit is positive, a credit negative
	At      time.Time
}

// StatementPage is some of a player's statement, the last first.
type StatementPage struct {
	Booked []Booked
	Next   string // the next page's cursor; empty: this was the last
}

// Statement answers: what was the player charged, what did they pay, and what
// do they owe by that?
func (d *DB) Statement(ctx context.Context, player events.PlayerID, cursor string, size int) (StatementPage, error) {
	of, before := listOf("statement", player), byBooking{endOfTime, greatest}
	if err := of.after(cursor, &before); err != nil {
		return StatementPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Statement(ctx, db.StatementParams{
		PlayerID: string(player), BeforeAt: before.at, BeforePosition: before.position, PageSize: int32(size + 1),
	})
	if err != nil {
		return StatementPage{}, failed("query the statement", err, nil)
	}
	var page StatementPage
	page.Booked, page.Next = pageOf(of, rows, size, func(r db.StatementRow) (Booked, key) {
		return bookedOf(r.ReadLedgerTransaction), &byBooking{r.ReadLedgerTransaction.At, r.ReadLedgerTransaction.Position}
	})
	return page, nil
}

// JournalPage is some of the books' transactions, with their entries, in order.
type JournalPage struct {
	Booked []Booked
	Next   string // the next page's cursor; empty: this was the last
}

// Journal answers: what was booked from one time on and before another?
func (d *DB) Journal(ctx context.Context, since, until time.Time, cursor string, size int) (JournalPage, error) {
	of, after := listOf("journal", since.UTC(), until.UTC()), byBooking{at: since}
	if err := of.after(cursor, &after); err != nil {
		return JournalPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Journal(ctx, db.JournalParams{
		Since: since, Until: until, AfterAt: after.at, AfterPosition: after.position, PageSize: int32(size + 1),
	})
	if err != nil {
		return JournalPage{}, failed("query the journal", err, nil)
	}
	var page JournalPage
	page.Booked, page.Next = pageOf(of, rows, size, func(r db.JournalRow) (Booked, key) {
		return bookedOf(r.ReadLedgerTransaction), &byBooking{r.ReadLedgerTransaction.At, r.ReadLedgerTransaction.Position}
	})
	return page, d.withEntries(ctx, page.Booked)
}

// withEntries gives transactions, which follow one another in the books, their
// entries.
func (d *DB) withEntries(ctx context.Context, booked []Booked) error {
	if len(booked) == 0 {
		return nil
	}
	first, last := booked[0], booked[len(booked)-1]
	rows, err := d.q.Entries(ctx, db.EntriesParams{
		FirstAt: first.At, FirstPosition: int64(first.Position), LastAt: last.At, LastPosition: int64(last.Position),
	})
	if err != nil {
		return failed("query the entries", err, nil)
	}
	at := 0
	for _, row := range rows {
		e := row.ReadLedgerEntry
		for at < len(booked) && booked[at].Position != events.Position(e.Position) {
			at++
		}
		if at == len(booked) {
			break
		}
		booked[at].Entries = append(booked[at].Entries, entryOf(e))
	}
	return nil
}

// InvoiceBooked answers: what of the invoice is in the books?
func (d *DB) InvoiceBooked(ctx context.Context, id events.InvoiceID) ([]Booked, error) {
	invoice, err := d.q.Invoice(ctx, uuid.UUID(id))
	if err != nil {
		return nil, failed("query the invoice", err, ErrInvoiceUnknown)
	}
	of := uuid.UUID(id)
	rows, err := d.q.InvoiceBooked(ctx, db.InvoiceBookedParams{InvoiceID: &of, Since: invoice.ReadInvoice.DraftedAt})
	if err != nil {
		return nil, failed("query what is booked of an invoice", err, nil)
	}
	booked := make([]Booked, 0, len(rows))
	for _, row := range rows {
		booked = append(booked, bookedOf(row.ReadLedgerTransaction))
	}
	return booked, nil
}

// EntryPage is some of an account's entries, the last first.
type EntryPage struct {
	Entries []Entry
	Next    string // the next page's cursor; empty: this was the last
}

// BookFilter is an account of the books in a currency, from one time on and
// before another.
type BookFilter struct {
	Account      string
	Currency     events.Currency
	Since, Until time.Time
}

// AccountEntries answers: what was posted to an account of the books?
func (d *DB) AccountEntries(ctx context.Context, f BookFilter, cursor string, size int) (EntryPage, error) {
	if err := f.Currency.Check(); err != nil {
		return EntryPage{}, err
	}
	of, before := listOf("account-entries", f.Account, f.Currency, f.Since.UTC(), f.Until.UTC()), byEntry{byBooking: byBooking{at: f.Until}}
	if err := of.after(cursor, &before); err != nil {
		return EntryPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.AccountEntries(ctx, db.AccountEntriesParams{
		Account: f.Account, Currency: string(f.Currency), Since: f.Since, Until: f.Until,
		BeforeAt: before.at, BeforePosition: before.position, BeforeNumber: before.number, PageSize: int32(size + 1),
	})
	if err != nil {
		return EntryPage{}, failed("query an account's entries", err, nil)
	}
	var page EntryPage
	page.Entries, page.Next = pageOf(of, rows, size, func(r db.AccountEntriesRow) (Entry, key) {
		e := r.ReadLedgerEntry
		return entryOf(e), &byEntry{byBooking{e.At, e.Position}, int64(e.Number)}
	})
	return page, nil
}

// byBooking is the key of a transaction.
type byBooking struct {
	at       time.Time
	position int64
}

func (k *byBooking) code(c *coder) { c.time(&k.at); c.number(&k.position) }

// byEntry is the key of an entry.
type byEntry struct {
	byBooking
	number int64
}

func (k *byEntry) code(c *coder) { k.byBooking.code(c); c.number(&k.number) }

func bookedOf(t db.ReadLedgerTransaction) Booked {
	return Booked{
		Event: events.EventID(t.TransactionID), Type: t.Type, Player: events.PlayerID(t.PlayerID),
		Invoice: events.InvoiceID(value(t.InvoiceID)), Session: events.SessionID(value(t.SessionID)), At: t.At.UTC(),
		Amount: money(t.Amount, &t.Currency), Owed: money(t.Owed, &t.Currency), Owes: money(t.Owes, &t.Currency),
		Position: events.Position(t.Position),
	}
}

func entryOf(e db.ReadLedgerEntry) Entry {
	return Entry{
		ID: e.EntryID, Number: int(e.Number), Account: e.Account, Player: events.PlayerID(e.PlayerID),
		Amount: money(e.Amount, &e.Currency), At: e.At.UTC(),
	}
}
