package ledger_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

func eur(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

var sums = events.DocumentSums{
	Kinds: []events.KindSum{{Kind: events.LineCredits, Net: eur(500)}, {Kind: events.LineSubscription, Net: eur(1000)}},
	Taxes: []events.TaxSum{{Rate: 2000, Net: eur(1500), Tax: eur(300)}},
	Net:   eur(1500), Tax: eur(300), Total: eur(1800),
}

func TestTransactionOf(t *testing.T) {
	id := events.EventID{7}
	for _, c := range []struct {
		event events.Event
		want  []ledger.Posting
	}{
		{events.InvoiceIssued{Sums: sums}, []ledger.Posting{
			{Account: ledger.CreditsLiability, Amount: eur(-500)}, {Account: "revenue-subscription", Amount: eur(-1000)},
			{Account: ledger.Tax, Amount: eur(-300)}, {Account: ledger.Receivable, Amount: eur(1800)}}},
		{events.InvoiceVoided{Sums: sums}, []ledger.Posting{
			{Account: ledger.CreditsLiability, Amount: eur(500)}, {Account: "revenue-subscription", Amount: eur(1000)},
			{Account: ledger.Tax, Amount: eur(300)}, {Account: ledger.Receivable, Amount: eur(-1800)}}},
		{events.InvoiceWrittenOff{Amount: eur(70)}, []ledger.Posting{
			{Account: ledger.WrittenOff, Amount: eur(70)}, {Account: ledger.Receivable, Amount: eur(-70)}}},
		{events.CreditNoteIssued{Sums: sums, Settles: events.Settlement{Open: eur(300), WrittenOff: eur(400), Goodwill: eur(500), Owed: eur(600)}}, []ledger.Posting{
			{Account: ledger.CreditsLiability, Amount: eur(500)}, {Account: "revenue-subscription", Amount: eur(1000)}, {Account: ledger.Tax, Amount: eur(300)},
			{Account: ledger.Receivable, Amount: eur(-300)}, {Account: ledger.WrittenOff, Amount: eur(-400)},
			{Account: ledger.Refunds, Amount: eur(-500)}, {Account: ledger.Payable, Amount: eur(-600)}}},
		{events.PaymentSucceeded{Amount: eur(60), Settles: events.Settlement{Open: eur(50), WrittenOff: eur(0), Goodwill: eur(0), Owed: eur(10)}}, []ledger.Posting{
			{Account: ledger.Receivable, Amount: eur(-50)}, {Account: ledger.Payable, Amount: eur(-10)}, {Account: ledger.Cash, Amount: eur(60)}}},
		{events.PaymentRefunded{Amount: eur(60), Settles: events.Settlement{Owed: eur(50), Goodwill: eur(10)}}, []ledger.Posting{
			{Account: ledger.Payable, Amount: eur(50)}, {Account: ledger.Refunds, Amount: eur(10)}, {Account: ledger.Cash, Amount: eur(-60)}}},
		{events.PlaytimeCharged{Credits: []events.CreditBurnt{{Value: eur(30)}, {}, {Value: eur(5)}}, Overage: events.Overage{Charge: eur(70)}}, []ledger.Posting{
			{Account: ledger.CreditsLiability, Amount: eur(30)}, {Account: ledger.CreditsRevenue, Amount: eur(-30)},
			{Account: ledger.CreditsLiability, Amount: eur(5)}, {Account: ledger.CreditsRevenue, Amount: eur(-5)}}},
		{events.CreditExpired{Value: eur(40)}, []ledger.Posting{
			{Account: ledger.CreditsLiability, Amount: eur(40)}, {Account: ledger.CreditsRevenue, Amount: eur(-40)}}},
	} {
		got, moves := ledger.TransactionOf(id, c.event)
		if !moves || got.Check() != nil {
			t.Errorf("%T: moves money: %t, %v", c.event, moves, got.Check())
		}
		if diff := cmp.Diff(ledger.Transaction{Event: id, Type: c.event.EventType(), Postings: c.want}, got); diff != "" {
			t.Errorf("%T is booked differently (-want +got):\n%s", c.event, diff)
		}
	}
	for _, e := range []events.Event{events.PaymentAsked{Amount: eur(1)}, events.PaymentFailed{}, events.RefundAsked{Amount: eur(1)}, events.InvoiceApproved{Sums: sums},
		events.PlaytimeCharged{Overage: events.Overage{Charge: eur(70)}, Credits: []events.CreditBurnt{{Play: 1}}}, events.CreditExpired{}, events.CreditRevoked{}} {
		if got, moves := ledger.TransactionOf(id, e); moves {
			t.Errorf("%T moves no money, but is booked as %v", e, got)
		}
	}
}

func TestBooksPostWholeTransactionsOnly(t *testing.T) {
	var books ledger.Books
	uneven := ledger.Transaction{Postings: []ledger.Posting{{Account: ledger.Cash, Amount: eur(2)}, {Account: ledger.Tax, Amount: eur(-1)}}}
	mixed := ledger.Transaction{Postings: []ledger.Posting{{Account: ledger.Cash, Amount: eur(2)}, {Account: ledger.Tax, Amount: events.Money{Amount: -2, Currency: "USD"}}}}
	if books.Post(uneven) == nil || books.Post(mixed) == nil {
		t.Error("what does not sum to zero was posted")
	}
	most := ledger.Transaction{Postings: []ledger.Posting{{Account: ledger.Cash, Amount: eur(math.MaxInt64)}, {Account: ledger.Tax, Amount: eur(-math.MaxInt64)}}}
	more := ledger.Transaction{Postings: []ledger.Posting{{Account: ledger.Payable, Amount: eur(-1)}, {Account: ledger.Cash, Amount: eur(1)}}}
	if err := books.Post(most); err != nil {
		t.Fatal(err)
	}
	if err := books.Post(more); !errors.Is(err, events.ErrAmount) {
		t.Errorf("past the last number: %v", err)
	}
	want := []ledger.Posting{{Account: ledger.Cash, Amount: eur(math.MaxInt64)}, {Account: ledger.Tax, Amount: eur(-math.MaxInt64)}}
	if diff := cmp.Diff(want, books.TrialBalance()); diff != "" {
		t.Errorf("something of a refused transaction was posted (-want +got):\n%s", diff)
	}
}

func TestEntriesAreNamedByTheirEvent(t *testing.T) {
	transaction := ledger.Transaction{Event: events.EventID{7}}
	first, again := transaction.Entry(1), transaction.Entry(1)
	if first != again || first == transaction.Entry(2) || first == (ledger.Transaction{Event: events.EventID{8}}).Entry(1) {
		t.Error("an entry has several ids, or several have one")
	}
	if first.Version() != 5 {
		t.Errorf("the id %s is no UUIDv5", first)
	}
}
