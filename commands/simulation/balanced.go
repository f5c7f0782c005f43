package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Books are a ledger that somebody else keeps of the same history.
type Books interface {
	// Apply posts what an event does to the books, if anything.
	Apply(events.EventID, events.Event) error
	// Balances are those of all accounts, in an order that does not change.
	Balances() []Balance
}

// Balance is an account's, in one currency: debits less credits.
type Balance struct {
	Account string
	Amount  events.Money
}

// balanced: whatever moves money can be posted, and the balances of each currency
// sum to zero.
type balanced struct{ books Books }

func newBalanced(b Books) *balanced { return &balanced{b} }

var _ invariant = (*balanced)(nil)

func (b *balanced) take(n commands.Noted) error {
	if err := b.books.Apply(n.Cause.Event, n.Event); err != nil {
		return &Violation{Invariant: "ledger", At: n.Time, Says: err.Error()}
	}
	return nil
}

func (b *balanced) check(now time.Time) error {
	sums := map[events.Currency]int64{}
	balances := b.books.Balances()
	for _, balance := range balances {
		sums[balance.Amount.Currency] += balance.Amount.Amount
	}
	for _, balance := range balances {
		if sum := sums[balance.Amount.Currency]; sum != 0 {
			return &Violation{Invariant: "ledger", At: now, Says: fmt.Sprintf("the balances in %s sum to %d", balance.Amount.Currency, sum)}
		}
	}
	return nil
}

func (b *balanced) final(now time.Time) error { return b.check(now) }

func (b *balanced) tell(*Report) {}
