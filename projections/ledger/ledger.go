// Package ledger keeps the books: a pure fold of the log into double entry.
//
//	event ─▶ TransactionOf ─▶ postings that sum to zero ─▶ Books.Post ─▶ balances
//
// Each event that moves money makes one transaction, which names it. Debits are
// positive, credits negative.
//
//	InvoiceIssued      receivable        to revenue by kind, credits liability, tax
//	InvoiceVoided      the same, back
//	InvoiceWrittenOff  written off       to receivable
//	CreditNoteIssued   revenue, tax      to receivable, written off, refunds, payable
//	PaymentSucceeded   cash              to receivable, written off, payable
//	PaymentRefunded    payable, refunds  to cash
//	PlaytimeCharged    credits liability to revenue of credits, as they are burnt
//	CreditExpired      credits liability to revenue of credits, for what never was
//
// Credits are earned net, as they are charged; the tax was owed when they were
// sold. What is left of a revoked one stays a liability until a credit note
// gives it back. Play may be burnt before the invoice of its credit is issued:
// for so long the liability is less than nothing.
package ledger

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// Account is one of the books' accounts.
type Account string

// The accounts. Revenue has one for each kind of line: RevenueOf.
const (
	Cash             Account = "cash"
	Receivable       Account = "receivable"        // what is open of invoices
	Tax              Account = "tax"               // owed to the state
	CreditsLiability Account = "credits-liability" // sold in advance, not played yet
	CreditsRevenue   Account = "revenue-credits"   // played, or expired
	WrittenOff       Account = "written-off"
	Refunds          Account = "refunds" // paid back out of goodwill
	Payable          Account = "payable" // owed to players
)

// RevenueOf is the account that a kind of line earns for. Credits are not
// earned when they are sold.
func RevenueOf(kind events.LineKind) Account {
	if kind == events.LineCredits {
		return CreditsLiability
	}
	return Account("revenue-" + string(kind))
}

// Posting changes an account: up with a debit, which is positive, down with a
// credit.
type Posting struct {
	Account Account
	Amount  events.Money
}

// Transaction is what an event does to the books.
type Transaction struct {
	Event    events.EventID
	Type     string // of the event
	Postings []Posting
}

// Entry returns the id of a posting, by its number from 1 (UUIDv5): the books of
// one log have the same entries wherever they are made.
func (t Transaction) Entry(number int) uuid.UUID {
	return uuid.NewSHA1(uuid.UUID(t.Event), fmt.Appendf(nil, "entry %d", number))
}

// TransactionOf returns the transaction of an event; false for one that moves
// no money.
func TransactionOf(id events.EventID, e events.Event) (Transaction, bool) {
	var postings []Posting
	switch e := e.(type) {
	case events.InvoiceIssued:
		postings = append(sale(e.Sums, -1), Posting{Receivable, e.Sums.Total})
	case events.InvoiceVoided:
		postings = append(sale(e.Sums, 1), credit(Receivable, e.Sums.Total))
	case events.InvoiceWrittenOff:
		postings = []Posting{{WrittenOff, e.Amount}, credit(Receivable, e.Amount)}
	case events.CreditNoteIssued:
		postings = append(sale(e.Sums, 1), settled(e.Settles)...)
	case events.PaymentSucceeded:
		postings = append(settled(e.Settles), Posting{Cash, e.Amount})
	case events.PaymentRefunded:
		postings = []Posting{{Payable, e.Settles.Owed}, {Refunds, e.Settles.Goodwill}, credit(Cash, e.Amount)}
	case events.PlaytimeCharged:
		for _, burnt := range e.Credits {
			postings = append(postings, earned(burnt.Value)...)
		}
	case events.CreditExpired:
		postings = earned(e.Value)
	}
	postings = slices.DeleteFunc(postings, func(p Posting) bool { return p.Amount.Amount == 0 })
	return Transaction{Event: id, Type: e.EventType(), Postings: postings}, len(postings) > 0
}

// sale is what was sold, with sign -1, or taken back, with sign 1.
func sale(sums events.DocumentSums, sign int64) []Posting {
	var postings []Posting
	for _, k := range sums.Kinds {
		postings = append(postings, Posting{RevenueOf(k.Kind), signed(k.Net, sign)})
	}
	return append(postings, Posting{Tax, signed(sums.Tax, sign)})
}

// earned is what of a credit is not owed as play any more.
func earned(value events.Money) []Posting {
	return []Posting{{CreditsLiability, value}, credit(CreditsRevenue, value)}
}

// settled is where an amount in a player's favour goes.
func settled(s events.Settlement) []Posting {
	return []Posting{credit(Receivable, s.Open), credit(WrittenOff, s.WrittenOff), credit(Refunds, s.Goodwill), credit(Payable, s.Owed)}
}

func credit(account Account, m events.Money) Posting { return Posting{account, signed(m, -1)} }

// signed is an amount of an event, which is bounded when it is decided.
func signed(m events.Money, sign int64) events.Money {
	return events.Money{Amount: sign * m.Amount, Currency: m.Currency}
}

// Check refuses a transaction whose postings don't sum to zero in each currency.
func (t Transaction) Check() error {
	sums := map[events.Currency]events.Money{}
	for _, p := range t.Postings {
		sum, err := events.Money{Amount: sums[p.Amount.Currency].Amount, Currency: p.Amount.Currency}.Add(p.Amount)
		if err != nil {
			return fmt.Errorf("transaction of %s %s: %w", t.Type, t.Event, err)
		}
		sums[p.Amount.Currency] = sum
	}
	for currency, sum := range sums {
		if sum.Amount != 0 {
			return fmt.Errorf("transaction of %s %s is off by %d %s", t.Type, t.Event, sum.Amount, currency)
		}
	}
	return nil
}

// Books are the balances of all accounts. The zero value has none.
type Books struct {
	balances map[key]events.Money
}

type key struct {
	account  Account
	currency events.Currency
}

// Post adds a transaction, whole or not at all: an error says that it does not
// sum to zero, or that a balance is beyond what can be counted.
func (b *Books) Post(t Transaction) error {
	if err := t.Check(); err != nil {
		return err
	}
	next := map[key]events.Money{}
	for _, p := range t.Postings {
		k := key{p.Account, p.Amount.Currency}
		balance, posted := next[k]
		if !posted {
			balance = b.Balance(p.Account, p.Amount.Currency)
		}
		sum, err := balance.Add(p.Amount)
		if err != nil {
			return fmt.Errorf("post %s %s to %s: %w", t.Type, t.Event, p.Account, err)
		}
		next[k] = sum
	}
	if b.balances == nil {
		b.balances = map[key]events.Money{}
	}
	for k, balance := range next {
		b.balances[k] = balance
	}
	return nil
}

// Apply posts what an event does to the books, if anything.
func (b *Books) Apply(id events.EventID, e events.Event) error {
	if t, moves := TransactionOf(id, e); moves {
		return b.Post(t)
	}
	return nil
}

// Balance is an account's in a currency.
func (b *Books) Balance(account Account, currency events.Currency) events.Money {
	return events.Money{Amount: b.balances[key{account, currency}].Amount, Currency: currency}
}

// TrialBalance lists every account's balance, by currency and account. The
// amounts of a currency sum to zero.
func (b *Books) TrialBalance() []Posting {
	rows := make([]Posting, 0, len(b.balances))
	for k, balance := range b.balances {
		rows = append(rows, Posting{k.account, balance})
	}
	slices.SortFunc(rows, func(x, y Posting) int {
		return cmp.Or(cmp.Compare(x.Amount.Currency, y.Amount.Currency), cmp.Compare(x.Account, y.Account))
	})
	return rows
}
