package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// InvoiceDocument is an invoice with all that is on it and became of it.
type InvoiceDocument struct {
	Invoice
	Items       []events.InvoiceLine // by number, from 1
	Credited    []events.Money       // of each item, on credit notes
	Taxes       []events.TaxSum      // by rate
	CreditNotes []CreditNote         // in the order in which they were approved
	Payments    []Payment            // and attempts to have it paid, in order
}

// InvoiceDocument answers: what is on the invoice, and what became of it?
func (d *DB) InvoiceDocument(ctx context.Context, id events.InvoiceID) (InvoiceDocument, error) {
	return whole(ctx, d, func(ctx context.Context, d *DB) (InvoiceDocument, error) { return d.document(ctx, id) })
}

func (d *DB) document(ctx context.Context, id events.InvoiceID) (InvoiceDocument, error) {
	row, err := d.q.Invoice(ctx, uuid.UUID(id))
	if err != nil {
		return InvoiceDocument{}, failed("query the invoice", err, ErrInvoiceUnknown)
	}
	document := InvoiceDocument{Invoice: invoiceOf(row.ReadInvoice)}
	if err := d.items(ctx, &document); err != nil {
		return InvoiceDocument{}, err
	}
	if document.CreditNotes, err = d.creditNotesOf(ctx, uuid.UUID(id)); err != nil {
		return InvoiceDocument{}, err
	}
	document.Payments, err = d.paymentsOf(ctx, uuid.UUID(id))
	return document, err
}

// items are an invoice's lines, with what they follow from, and its taxes.
func (d *DB) items(ctx context.Context, document *InvoiceDocument) error {
	id, currency := uuid.UUID(document.ID), string(document.Total.Currency)
	lines, err := d.q.InvoiceLines(ctx, id)
	if err != nil {
		return failed("query the invoice's lines", err, nil)
	}
	for _, row := range lines {
		l := row.ReadInvoiceLine
		document.Items = append(document.Items, events.InvoiceLine{
			Kind: events.LineKind(l.Kind), Text: l.Text, Quantity: l.Quantity, Per: l.Per,
			Price: money(l.Price, &currency), Amount: money(l.Amount, &currency), TaxRate: int(l.TaxRate),
		})
		document.Credited = append(document.Credited, money(l.Credited, &currency))
	}
	sources, err := d.q.InvoiceSources(ctx, id)
	if err != nil {
		return failed("query what the lines follow from", err, nil)
	}
	for _, row := range sources {
		s := row.ReadInvoiceSource
		if int(s.Line) > len(document.Items) { // a line that came after they were read
			break
		}
		item := &document.Items[s.Line-1]
		source := events.LineSource{Event: events.EventID(s.EventID), Session: events.SessionID(value(s.SessionID)),
			Segment: int(value(s.Segment)), Period: int(value(s.Period))}
		if s.SubscriptionID != nil {
			source.Subscription = s.SubscriptionID.String()
		}
		item.Sources = append(item.Sources, source)
	}
	taxes, err := d.q.InvoiceTaxes(ctx, id)
	if err != nil {
		return failed("query the invoice's taxes", err, nil)
	}
	for _, row := range taxes {
		t := row.ReadInvoiceTax
		document.Taxes = append(document.Taxes, events.TaxSum{Rate: int(t.Rate), Net: money(t.Net, &currency), Tax: money(t.Tax, &currency)})
	}
	return nil
}

// ErrDocumentUnknown says that no document has a number.
var ErrDocumentUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-document",
	Message: "There is no invoice or credit note of this number. Numbers look like 2026-11-000042."}

// Document answers: which invoice or credit note has the number?
func (d *DB) Document(ctx context.Context, number events.DocumentNumber) (events.Document, error) {
	row, err := d.q.Document(ctx, string(number))
	if err != nil {
		return events.Document{}, failed("query the document", err, ErrDocumentUnknown)
	}
	n := row.ReadDocumentNumber
	return events.Document{Invoice: events.InvoiceID(n.InvoiceID), CreditNote: events.CreditNoteID(value(n.CreditNoteID))}, nil
}

// Series is how far a series of document numbers has come.
type Series struct {
	Series     events.Series
	Documents  int64
	Last       int64 // number; without gaps as many as there are documents
	AssignedAt time.Time
}

// SeriesPage is some series, the last first.
type SeriesPage struct {
	Series []Series
	Next   string // the next page's cursor; empty: this was the last
}

// DocumentSeries answers: how far has each series of numbers come?
func (d *DB) DocumentSeries(ctx context.Context, cursor string, size int) (SeriesPage, error) {
	of, before := listOf("series"), byText{text: "~"} // after all months
	if err := of.after(cursor, &before); err != nil {
		return SeriesPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.DocumentSeries(ctx, db.DocumentSeriesParams{Before: before.text, PageSize: int32(size + 1)})
	if err != nil {
		return SeriesPage{}, failed("query the series", err, nil)
	}
	var page SeriesPage
	page.Series, page.Next = pageOf(of, rows, size, func(r db.DocumentSeriesRow) (Series, key) {
		s := r.ReadDocumentSeries
		return Series{Series: events.Series(s.Series), Documents: s.Documents, Last: s.Last, AssignedAt: s.AssignedAt.UTC()}, &byText{text: s.Series}
	})
	return page, nil
}

// InvoiceOfSession is an invoice that charges play of a session.
type InvoiceOfSession struct {
	ID     events.InvoiceID
	Number events.DocumentNumber // empty: it is not issued
	State  InvoiceState
}

// SessionInvoices answers: on which invoices is play of the session charged?
func (d *DB) SessionInvoices(ctx context.Context, id events.SessionID) ([]InvoiceOfSession, error) {
	of := uuid.UUID(id)
	rows, err := d.q.SessionInvoices(ctx, &of)
	if err != nil {
		return nil, failed("query the invoices of a session", err, nil)
	}
	invoices := make([]InvoiceOfSession, 0, len(rows))
	for _, row := range rows {
		invoices = append(invoices, InvoiceOfSession{ID: events.InvoiceID(row.InvoiceID), Number: events.DocumentNumber(value(row.Number)), State: InvoiceState(row.State)})
	}
	return invoices, nil
}
