package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// CreditNote is one on an invoice.
type CreditNote struct {
	ID         events.CreditNoteID
	Invoice    events.InvoiceID
	Player     events.PlayerID
	Number     events.DocumentNumber // empty: it is not issued
	Reason     events.CreditReason
	Lines      []events.CreditLine // where a question gives them
	Net        events.Money
	Tax        events.Money
	Total      events.Money
	Settled    events.Settlement // where the total has gone
	ApprovedAt time.Time
	IssuedAt   *time.Time
}

// CreditNotePage is some credit notes, the last first.
type CreditNotePage struct {
	CreditNotes []CreditNote
	Next        string // the next page's cursor; empty: this was the last
}

// CreditNotes answers: which credit notes are there?
func (d *DB) CreditNotes(ctx context.Context, cursor string, size int) (CreditNotePage, error) {
	of, before := listOf("credit-notes"), newest()
	if err := of.after(cursor, &before); err != nil {
		return CreditNotePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.CreditNotes(ctx, db.CreditNotesParams{BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
	if err != nil {
		return CreditNotePage{}, failed("query the credit notes", err, nil)
	}
	var page CreditNotePage
	page.CreditNotes, page.Next = pageOf(of, rows, size, func(r db.CreditNotesRow) (CreditNote, key) {
		return creditNoteOf(r.ReadCreditNote), &byTime{r.ReadCreditNote.ApprovedAt, r.ReadCreditNote.CreditNoteID}
	})
	return page, nil
}

// creditNotesOf are an invoice's, with their lines.
func (d *DB) creditNotesOf(ctx context.Context, id uuid.UUID) ([]CreditNote, error) {
	rows, err := d.q.InvoiceNotes(ctx, id)
	if err != nil {
		return nil, failed("query the invoice's credit notes", err, nil)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	lines, err := d.q.InvoiceNoteLines(ctx, id)
	if err != nil {
		return nil, failed("query the lines of credit notes", err, nil)
	}
	of := map[uuid.UUID][]db.ReadCreditNoteLine{}
	for _, row := range lines {
		l := row.ReadCreditNoteLine
		of[l.CreditNoteID] = append(of[l.CreditNoteID], l)
	}
	notes := make([]CreditNote, 0, len(rows))
	for _, row := range rows {
		note := creditNoteOf(row.ReadCreditNote)
		for _, l := range of[row.ReadCreditNote.CreditNoteID] {
			note.Lines = append(note.Lines, events.CreditLine{Line: int(l.Line), Net: money(l.Net, &row.ReadCreditNote.Currency)})
		}
		notes = append(notes, note)
	}
	return notes, nil
}

func creditNoteOf(n db.ReadCreditNote) CreditNote {
	in := func(amount int64) events.Money { return money(amount, &n.Currency) }
	return CreditNote{
		ID: events.CreditNoteID(n.CreditNoteID), Invoice: events.InvoiceID(n.InvoiceID), Player: events.PlayerID(n.PlayerID),
		Number: events.DocumentNumber(value(n.Number)), Reason: events.CreditReason(n.Reason), Net: in(n.Net), Tax: in(n.Tax), Total: in(n.Total),
		Settled:    events.Settlement{Open: in(n.FromOpen), WrittenOff: in(n.FromWritten), Goodwill: in(n.FromGoodwill), Owed: in(n.ToPlayer)},
		ApprovedAt: n.ApprovedAt.UTC(), IssuedAt: utc(n.IssuedAt),
	}
}
