package queries_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// booked is a view of the ledger over an invoice of 12.00 that is paid, in two
// months.
func booked(t *testing.T) (*projected, events.InvoiceID, time.Time) {
	p := newProjected(t)
	id := p.invoiced(1, "anna", 1000, events.SessionID{})
	february := noon.AddDate(0, 1, 0)
	p.pays(id, "anna", 1200, february)
	p.happened(queries.ViewLedger, events.AccountStream("bert"),
		events.AccountOpened{Player: "bert", At: february},
		events.CreditGranted{Player: "bert", Credit: events.CreditID{1}, Play: hour, Charge: eur(30), At: february},
		events.CreditExpired{Player: "bert", Credit: events.CreditID{1}, Lapsed: hour, Value: eur(30), At: february.Add(hour)})
	return p, id, february
}

func TestTrialBalance(t *testing.T) {
	p, _, _ := booked(t)
	got, err := p.db.TrialBalance(t.Context())
	want := []queries.BookBalance{
		{Account: "cash", Debit: eur(1200), Credit: eur(0), Balance: eur(1200)},
		{Account: "credits-liability", Debit: eur(30), Credit: eur(0), Balance: eur(30)},
		{Account: "receivable", Debit: eur(1200), Credit: eur(1200), Balance: eur(0)},
		{Account: "revenue-credits", Debit: eur(0), Credit: eur(30), Balance: eur(-30)},
		{Account: "revenue-subscription", Debit: eur(0), Credit: eur(1000), Balance: eur(-1000)},
		{Account: "tax", Debit: eur(0), Credit: eur(200), Balance: eur(-200)},
	}
	if diff := cmp.Diff(want, got.Accounts); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if got.Off("EUR") != 0 {
		t.Errorf("the books are off by %d", got.Off("EUR"))
	}
}

func TestTurnoverAndPlayerBalances(t *testing.T) {
	p, _, february := booked(t)
	got, err := p.db.Turnover(t.Context(), noon, february)
	want := []queries.BookBalance{
		{Account: "receivable", Debit: eur(1200), Credit: eur(0), Balance: eur(1200)},
		{Account: "revenue-subscription", Debit: eur(0), Credit: eur(1000), Balance: eur(-1000)},
		{Account: "tax", Debit: eur(0), Credit: eur(200), Balance: eur(-200)},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, January (-want +got):\n%s", err, diff)
	}
	standing, err := p.db.PlayerBalances(t.Context(), "anna")
	if diff := cmp.Diff([]queries.PlayerBalance{{Account: "receivable", Balance: eur(0)}}, standing); err != nil || diff != "" {
		t.Errorf("%v, anna's (-want +got):\n%s", err, diff)
	}
}

func TestStatement(t *testing.T) {
	p, id, february := booked(t)
	first, err := p.db.Statement(t.Context(), "anna", "", 1)
	if err != nil || len(first.Booked) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	b := first.Booked[0]
	if b.Type != "PaymentSucceeded" || b.Invoice != id || b.Owed != eur(-1200) || b.Owes != eur(0) || !b.At.Equal(february) {
		t.Errorf("the payment: %+v", b)
	}
	second, err := p.db.Statement(t.Context(), "anna", first.Next, 1)
	if err != nil || len(second.Booked) != 1 || second.Next != "" {
		t.Fatalf("%+v, %v", second, err)
	}
	if b := second.Booked[0]; b.Type != "InvoiceIssued" || b.Owed != eur(1200) || b.Owes != eur(1200) {
		t.Errorf("the invoice: %+v", b)
	}
	if _, err := p.db.Statement(t.Context(), "bert", first.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("another player's cursor: %v", err)
	}
	all, err := p.db.InvoiceBooked(t.Context(), id)
	if err != nil || len(all) != 2 || all[0].Type != "InvoiceIssued" || all[1].Type != "PaymentSucceeded" {
		t.Errorf("of the invoice: %+v, %v", all, err)
	}
}

func TestJournal(t *testing.T) {
	p, _, february := booked(t)
	until := february.Add(2 * hour)
	var booked []queries.Booked
	for cursor := ""; ; {
		page, err := p.db.Journal(t.Context(), noon, until, cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		booked = append(booked, page.Booked...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	var types []string
	seen := map[string]bool{}
	for _, b := range booked {
		types = append(types, b.Type)
		var sum int64
		for i, e := range b.Entries {
			sum += e.Amount.Amount
			if e.Number != i+1 || seen[e.ID.String()] {
				t.Errorf("entry %d: %+v", i+1, e)
			}
			seen[e.ID.String()] = true
		}
		if sum != 0 || len(b.Entries) < 2 {
			t.Errorf("%s is off by %d: %+v", b.Type, sum, b.Entries)
		}
	}
	if diff := cmp.Diff([]string{"InvoiceIssued", "PaymentSucceeded", "CreditExpired"}, types); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	of := queries.BookFilter{Account: "receivable", Currency: "EUR", Since: noon, Until: until}
	page, err := p.db.AccountEntries(t.Context(), of, "", 1)
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Amount != eur(-1200) || page.Next == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	page, err = p.db.AccountEntries(t.Context(), of, page.Next, 1)
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Amount != eur(1200) || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
	of.Account = "cash'; DROP TABLE"
	if none, err := p.db.AccountEntries(t.Context(), of, "", 1); err != nil || len(none.Entries) != 0 {
		t.Errorf("an account that there is none of: %+v, %v", none, err)
	}
	if _, err := p.db.AccountEntries(t.Context(), queries.BookFilter{Account: "cash", Currency: "euro"}, "", 1); !errors.Is(err, events.ErrCurrency) {
		t.Errorf("no currency: %v", err)
	}
}
