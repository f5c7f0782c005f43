package queries_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// sums are those of a subscription at a fifth of tax.
func sums(net int64) events.DocumentSums {
	return events.DocumentSums{
		Kinds: []events.KindSum{{Kind: events.LineSubscription, Net: eur(net)}},
		Taxes: []events.TaxSum{{Rate: 2000, Net: eur(net), Tax: eur(net / 5)}},
		Net:   eur(net), Tax: eur(net / 5), Total: eur(net + net/5),
	}
}

// item is a line of so much, for a segment of a session.
func item(net int64, session events.SessionID) events.InvoiceLine {
	return events.InvoiceLine{Kind: events.LineSubscription, Text: "plus", Quantity: 1, Per: 1, Price: eur(net), Amount: eur(net), TaxRate: 2000,
		Sources: []events.LineSource{{Event: events.EventID{1}, Session: session, Segment: 1, Period: 1, Subscription: events.SubscriptionID{5}.String()}}}
}

// invoiced issues the nth invoice of the month to a player, at an hour.
func (p *projected) invoiced(n int, player events.PlayerID, net int64, session events.SessionID) events.InvoiceID {
	p.t.Helper()
	id, series, at := events.InvoiceOf(events.EventID{byte(n)}), events.Series("2026-01"), noon.Add(time.Duration(n)*hour)
	p.happened(queries.ViewInvoice, events.InvoiceStream(id),
		events.InvoiceDrafted{Invoice: id, Player: player, Currency: "EUR", At: at},
		events.InvoiceLineAdded{Invoice: id, Number: 1, Line: item(net, session), At: at},
		events.InvoiceApproved{Invoice: id, Series: series, Sums: sums(net), At: at})
	p.happened(queries.ViewInvoice, events.SeriesStream(series),
		events.NumberAssigned{Series: series, Number: n, Printed: series.Number(n), Document: events.Document{Invoice: id}, At: at})
	p.happened(queries.ViewInvoice, events.InvoiceStream(id),
		events.InvoiceIssued{Invoice: id, Player: player, Number: series.Number(n), Sums: sums(net), At: at})
	return id
}

// pays has a player pay an invoice in full.
func (p *projected) pays(id events.InvoiceID, player events.PlayerID, amount int64, at time.Time) events.PaymentID {
	p.t.Helper()
	payment := events.PaymentOf(id, 1)
	p.happened(queries.ViewInvoice, events.InvoiceStream(id),
		events.PaymentAsked{Invoice: id, Player: player, Payment: payment, Attempt: 1, Amount: eur(amount), At: at},
		events.PaymentSucceeded{Invoice: id, Player: player, Payment: payment, Attempt: 1, Reference: "pay_1", Amount: eur(amount),
			Settles: events.Settlement{Open: eur(amount), WrittenOff: eur(0), Goodwill: eur(0), Owed: eur(0)}, Open: eur(0), At: at})
	return payment
}

func TestInvoiceDocument(t *testing.T) {
	p := newProjected(t)
	session := events.NewSessionID()
	id := p.invoiced(1, "anna", 1000, session)
	at := noon.Add(5 * hour)
	payment := p.pays(id, "anna", 1200, at)
	note, refund := events.CreditNoteID{3}, events.RefundID{4}
	p.happened(queries.ViewInvoice, events.InvoiceStream(id),
		events.CreditNoteApproved{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Series: "2026-01", Lines: []events.CreditLine{{Line: 1, Net: eur(500)}}, Sums: sums(500), At: at},
		events.CreditNoteIssued{Invoice: id, Player: "anna", CreditNote: note, Number: "2026-01-000002", Sums: sums(500),
			Settles: events.Settlement{Open: eur(0), WrittenOff: eur(0), Goodwill: eur(0), Owed: eur(600)}, Open: eur(0), At: at},
		events.RefundAsked{Invoice: id, Player: "anna", Payment: payment, Refund: refund, Amount: eur(600), Reason: events.CreditByNote, Attempt: 1, At: at})
	got, err := p.db.InvoiceDocument(t.Context(), id)
	issued := noon.Add(hour)
	want := queries.InvoiceDocument{
		Invoice: queries.Invoice{ID: id, Player: "anna", State: queries.InvoiceIsSettled, Number: "2026-01-000001", Net: eur(1000), Tax: eur(200), Total: eur(1200),
			Balance: queries.InvoiceBalance{Open: eur(0), WrittenOff: eur(0), Goodwill: eur(0), Owed: eur(600), Paid: eur(1200), Credited: eur(600), Refunded: eur(0)},
			Dunning: queries.Dunning{State: queries.DunningNone, Attempts: 1, TriedAt: &at}, Lines: 1,
			DraftedAt: issued, IssuedAt: &issued, DueAt: &issued, SettledAt: &at, Position: got.Position},
		Items: []events.InvoiceLine{item(1000, session)}, Credited: []events.Money{eur(500)}, Taxes: sums(1000).Taxes,
		CreditNotes: []queries.CreditNote{{ID: note, Invoice: id, Player: "anna", Number: "2026-01-000002", Reason: events.CreditOutage,
			Lines: []events.CreditLine{{Line: 1, Net: eur(500)}}, Net: eur(500), Tax: eur(100), Total: eur(600),
			Settled: events.Settlement{Open: eur(0), WrittenOff: eur(0), Goodwill: eur(0), Owed: eur(600)}, ApprovedAt: at, IssuedAt: &at}},
		Payments: []queries.Payment{{ID: payment, Invoice: id, Player: "anna", State: queries.PaymentIsReceived, Attempt: 1, Asked: eur(1200), Received: eur(1200),
			Refunded: eur(0), Reference: "pay_1", BeganAt: at, EndedAt: &at,
			Refunds: []queries.Refund{{ID: refund, State: queries.RefundIsAsked, Amount: eur(600), Reason: events.CreditByNote, Attempt: 1, BeganAt: at}}}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if _, err := p.db.InvoiceDocument(t.Context(), events.InvoiceID{1}); !errors.Is(err, queries.ErrInvoiceUnknown) {
		t.Errorf("an unknown invoice: %v", err)
	}
	of, err := p.db.SessionInvoices(t.Context(), session)
	if err != nil || len(of) != 1 || of[0] != (queries.InvoiceOfSession{ID: id, Number: "2026-01-000001", State: queries.InvoiceIsSettled}) {
		t.Errorf("of the session: %+v, %v", of, err)
	}
	known, err := p.db.PaymentsByReference(t.Context(), "pay_1")
	if err != nil || len(known) != 1 || known[0].ID != payment {
		t.Errorf("by reference: %+v, %v", known, err)
	}
	notes, err := p.db.CreditNotes(t.Context(), "", 10)
	if err != nil || len(notes.CreditNotes) != 1 || notes.CreditNotes[0].ID != note || notes.Next != "" {
		t.Errorf("credit notes: %+v, %v", notes, err)
	}
	owing, err := p.db.Owing(t.Context(), "anna")
	if err != nil || len(owing) != 1 || owing[0] != (queries.Owing{Open: eur(0), Overdue: eur(0), Owed: eur(600)}) {
		t.Errorf("owing: %+v, %v", owing, err)
	}
}

func TestListsOfInvoices(t *testing.T) {
	p := newProjected(t)
	ids := map[events.InvoiceID]string{}
	for n, player := range []events.PlayerID{"anna", "anna", "bert", "anna", "anna"} {
		ids[p.invoiced(n+1, player, int64(1000+n), events.SessionID{})] = fmt.Sprint(n + 1)
	}
	draft := events.InvoiceOf(events.EventID{9})
	ids[draft] = "draft"
	p.happened(queries.ViewInvoice, events.InvoiceStream(draft), events.InvoiceDrafted{Invoice: draft, Player: "anna", Currency: "EUR", At: noon.Add(9 * hour)})
	second := events.InvoiceOf(events.EventID{2})
	p.pays(second, "anna", 1201, noon.Add(10*hour))
	failed := events.InvoiceOf(events.EventID{4})
	p.happened(queries.ViewInvoice, events.InvoiceStream(failed), events.PaymentFailed{Invoice: failed, Player: "anna", Payment: events.PaymentOf(failed, 1),
		Attempt: 1, Reason: events.PaymentDeclined, Open: eur(1203), At: noon.Add(11 * hour)})
	for _, c := range []struct {
		name string
		page func(cursor string) (queries.InvoicePage, error)
		want string
	}{
		{"anna's", func(c string) (queries.InvoicePage, error) { return p.db.Invoices(t.Context(), "anna", c, 2) }, "5 4 2 1 "},
		{"all", func(c string) (queries.InvoicePage, error) { return p.db.AllInvoices(t.Context(), "", c, 2) }, "draft 5 4 3 2 1 "},
		{"settled", func(c string) (queries.InvoicePage, error) {
			return p.db.AllInvoices(t.Context(), queries.InvoiceIsSettled, c, 2)
		}, "2 "},
		{"to be paid", func(c string) (queries.InvoicePage, error) { return p.db.Receivables(t.Context(), c, 2) }, "1 3 4 5 "},
	} {
		got := ""
		for cursor := ""; ; {
			page, err := c.page(cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Invoices {
				got += ids[i.ID] + " "
				if overdue := i.ID == failed; i.Dunning.Overdue() != overdue {
					t.Errorf("%s is overdue: %t", ids[i.ID], !overdue)
				}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, err := p.db.AllInvoices(t.Context(), "paid'", "", 2); !errors.Is(err, queries.ErrInvoiceState) {
		t.Errorf("a state that is none: %v", err)
	}
	owing, err := p.db.Owing(t.Context(), "anna")
	if err != nil || len(owing) != 1 || owing[0] != (queries.Owing{Open: eur(1200 + 1203 + 1204), Overdue: eur(1203), Owed: eur(0)}) {
		t.Errorf("owing: %+v, %v", owing, err)
	}
	payments, err := p.db.Payments(t.Context(), "anna", "", 1)
	if err != nil || len(payments.Payments) != 1 || payments.Payments[0].State != queries.PaymentIsFailed || payments.Next == "" {
		t.Errorf("payments: %+v, %v", payments, err)
	}
}

func TestDocumentsAndSeries(t *testing.T) {
	p := newProjected(t)
	id := p.invoiced(1, "anna", 1000, events.SessionID{})
	p.happened(queries.ViewInvoice, events.SeriesStream("2026-02"), events.NumberAssigned{Series: "2026-02", Number: 1, Printed: "2026-02-000001",
		Document: events.Document{Invoice: id, CreditNote: events.CreditNoteID{3}}, At: noon})
	for number, want := range map[events.DocumentNumber]events.Document{
		"2026-01-000001": {Invoice: id}, "2026-02-000001": {Invoice: id, CreditNote: events.CreditNoteID{3}},
	} {
		if got, err := p.db.Document(t.Context(), number); err != nil || got != want {
			t.Errorf("%s is %+v, %v", number, got, err)
		}
	}
	for _, number := range []events.DocumentNumber{"", "2026-01-000002", "' OR true --", "🎮"} {
		if _, err := p.db.Document(t.Context(), number); !errors.Is(err, queries.ErrDocumentUnknown) {
			t.Errorf("%q: %v", number, err)
		}
	}
	if _, err := p.db.Document(t.Context(), "\x00"); !errors.Is(err, queries.ErrText) {
		t.Errorf("no text: %v", err)
	}
	for sql, code := range map[string]string{
		`INSERT INTO read.document_number SELECT series, number, 'another', invoice_id, credit_note_id, assigned_at FROM read.document_number`:   "23505",
		`INSERT INTO read.document_number SELECT series, number + 1, printed, invoice_id, credit_note_id, assigned_at FROM read.document_number`: "23505",
		`UPDATE read.invoice SET total = total + 1`: "23514",
		`UPDATE read.invoice SET currency = 'eur'`:  "23514",
		`UPDATE read.invoice SET open = -1`:         "23514",
		`DELETE FROM read.invoice`:                  "23503",
	} {
		var refused *pgconn.PgError
		if _, err := p.conn.Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%s: %v, want %s", sql, err, code)
		}
	}
	page, err := p.db.DocumentSeries(t.Context(), "", 1)
	if err != nil || len(page.Series) != 1 || page.Series[0].Series != "2026-02" {
		t.Fatalf("%+v, %v", page, err)
	}
	page, err = p.db.DocumentSeries(t.Context(), page.Next, 1)
	if err != nil || len(page.Series) != 1 || page.Series[0] != (queries.Series{Series: "2026-01", Documents: 1, Last: 1, AssignedAt: noon.Add(hour)}) || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestUnbilled(t *testing.T) {
	p := newProjected(t)
	for n := range 3 {
		id := events.InvoiceOf(events.EventID{byte(n)})
		p.happened(queries.ViewInvoice, events.InvoiceStream(id),
			events.BillGivenUp{Invoice: id, Player: "anna", Charge: events.EventID{byte(n)}, Net: eur(int64(n)), Code: "invoice-too-long", At: noon.Add(-time.Duration(n) * hour)})
	}
	got := []int64{}
	for cursor := ""; ; {
		page, err := p.db.Unbilled(t.Context(), cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Unbilled {
			got = append(got, u.Net.Amount)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]int64{2, 1, 0}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
