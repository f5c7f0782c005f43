package projections

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/commands/simulation"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

// TestTheViewsOfMoneyAgree holds the views of a history that was lived against
// the books, and against one another: what is open of invoices is what is
// receivable, by player too, and every cent of the books is in their rows.
func TestTheViewsOfMoneyAgree(t *testing.T) {
	_, history, err := simulation.Run(t.Context(), simulation.Config{Seed: 3, Players: 50, Workers: 4, Days: 9})
	if err != nil {
		t.Fatal(err)
	}
	invoices, f := folded[*invoiceView](t, newInvoiceView)
	books, g := folded[*ledgerView](t, newLedgerView)
	accounts, h := folded[*accountView](t, newAccountView)
	var want ledger.Books
	for r, err := range history.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		e, _, err := events.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := want.Apply(r.ID, e); err != nil {
			t.Fatal(err)
		}
		for _, each := range []*folding{f, g, h} {
			each.take("system:test", e)
		}
	}
	if len(rows(accounts.bills)) < 100 || len(rows(invoices.payments)) < 100 {
		t.Fatal("the history is too short to show anything")
	}
	booksAgree(t, books, &want)
	invoicesAgree(t, invoices, &want)
	playAgrees(t, accounts)
}

// booksAgree holds every sum that the ledger's rows make against the books.
func booksAgree(t *testing.T, v *ledgerView, want *ledger.Books) {
	t.Helper()
	var balances []ledger.Posting
	for _, r := range rows(v.balances) {
		balances = append(balances, posting(r.Account, r.Debit-r.Credit, r.Currency))
	}
	entries, days, players := sums{}, sums{}, sums{}
	for _, r := range rows(v.entries) {
		entries.add(r.Account, r.Amount, r.Currency)
	}
	for _, r := range rows(v.days) {
		days.add(r.Account, r.Debit-r.Credit, r.Currency)
	}
	for _, r := range rows(v.players) {
		players.add(r.Account, r.Balance, r.Currency)
	}
	all := want.TrialBalance()
	ofPlayersOnly := slices.DeleteFunc(slices.Clone(all), func(p ledger.Posting) bool { return !ofPlayers(p.Account) })
	for name, c := range map[string]struct{ want, got []ledger.Posting }{
		"balances": {all, sorted(balances)}, "entries": {all, entries.postings()}, "days": {all, days.postings()}, "players": {ofPlayersOnly, players.postings()},
	} {
		if diff := gocmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-books +rows):\n%s", name, diff)
		}
	}
	moved := map[int64]int64{}
	for _, r := range rows(v.entries) {
		moved[r.Position] += r.Amount
	}
	for position, sum := range moved {
		if sum != 0 {
			t.Errorf("the transaction at %d is off by %d", position, sum)
		}
	}
}

// invoicesAgree holds the balances of all invoices against the books.
func invoicesAgree(t *testing.T, v *invoiceView, want *ledger.Books) {
	t.Helper()
	of, received := sums{}, sums{}
	for _, r := range rows(v.invoices) {
		of.add(ledger.Receivable, r.Open, r.Currency)
		of.add(ledger.WrittenOff, r.WrittenOff, r.Currency)
		of.add(ledger.Refunds, r.Goodwill, r.Currency)
		of.add(ledger.Payable, -r.Owed, r.Currency)
		of.add(ledger.Cash, r.Paid-r.Refunded, r.Currency)
		if r.State != "voided" && r.Number != "" && r.Total != r.Open+r.WrittenOff+r.Goodwill-r.Owed+r.Credited+r.Paid-r.Refunded {
			t.Errorf("the balance of %s does not come to its total: %+v", r.Number, r)
		}
	}
	for _, r := range rows(v.payments) {
		received.add(ledger.Cash, r.Received-r.Refunded, r.Currency)
	}
	for _, p := range append(of.postings(), received.postings()...) {
		if balance := want.Balance(p.Account, p.Amount.Currency); balance != p.Amount {
			t.Errorf("invoices come to %+v of %s, the books to %+v", p.Amount, p.Account, balance)
		}
	}
	for _, r := range rows(v.series) {
		if r.Documents != int64(r.Last) {
			t.Errorf("the series %s has gaps: %d documents up to %d", r.Series, r.Documents, r.Last)
		}
	}
}

// playAgrees holds the sums of play against its segments, and the counts of
// subscribers against their subscriptions.
func playAgrees(t *testing.T, v *accountView) {
	t.Helper()
	type play struct{ played, charge int64 }
	segments, bills, months, played := play{}, play{}, play{}, play{}
	for _, r := range rows(v.playtime) {
		segments.played += r.PlayedMs
		segments.charge += r.Charge
	}
	for _, r := range rows(v.bills) {
		bills.played += r.BilledMs
		bills.charge += r.Charge
	}
	for _, r := range rows(v.usage) {
		months.played += r.PlayedMs
		months.charge += r.Charge
	}
	for _, r := range rows(v.periods) {
		played.charge += r.Spent
	}
	for _, r := range rows(v.accounts) {
		played.played += r.PlayedMs
	}
	if segments != bills || segments != months || segments != played {
		t.Errorf("play comes to %+v by segment, %+v by session, %+v by month, %+v by account", segments, bills, months, played)
	}
	running := map[versionKey]int64{}
	for _, r := range rows(v.subscriptions) {
		if r.EndedAt.IsZero() {
			running[r.version()]++
		}
	}
	for of, r := range rows(v.subscribers) {
		if r.Running != running[of] {
			t.Errorf("%d subscriptions to %v run, not %d", running[of], of, r.Running)
		}
	}
}

// sums are amounts by account and currency.
type sums map[balanceKey]int64

func (s sums) add(account ledger.Account, amount int64, currency events.Currency) {
	s[balanceKey{account, currency}] += amount
}

func (s sums) postings() []ledger.Posting {
	var all []ledger.Posting
	for of, amount := range s {
		all = append(all, posting(of.Account, amount, of.Currency))
	}
	return sorted(all)
}

func posting(account ledger.Account, amount int64, currency events.Currency) ledger.Posting {
	return ledger.Posting{Account: account, Amount: events.Money{Amount: amount, Currency: currency}}
}

func sorted(all []ledger.Posting) []ledger.Posting {
	slices.SortFunc(all, func(x, y ledger.Posting) int {
		return cmp.Or(cmp.Compare(x.Amount.Currency, y.Amount.Currency), cmp.Compare(x.Account, y.Account))
	})
	return all
}
