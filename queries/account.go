package queries

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
)

// Account is a player's, as they and support see it. A player who has no account
// yet has an empty one.
type Account struct {
	Player       events.PlayerID
	OpenedAt     time.Time       // zero: not yet
	Currency     events.Currency // of the first charge; empty: there was none
	Played       time.Duration   // that is metered
	Sessions     int64           // with metered play
	Subscription *Subscription   // that runs; nil: none does
	Credit       time.Duration   // that is left of all credits
	Limit        *SpendingLimit  // nil: there is none
	ErasedAt     *time.Time      // of the player
	Position     events.Position
}

// SpendingLimit is how much may be spent on play beyond the plan in a period.
type SpendingLimit struct {
	Most    events.Money
	Spent   events.Money // of it, in the present period
	Left    events.Money
	Reached bool // nothing further is charged in the period
}

// Account answers: what has the player played, what may they still, and what is
// it paid with?
func (d *DB) Account(ctx context.Context, player events.PlayerID) (Account, error) {
	return whole(ctx, d, func(ctx context.Context, d *DB) (Account, error) { return d.account(ctx, player) })
}

func (d *DB) account(ctx context.Context, player events.PlayerID) (Account, error) {
	row, err := d.q.Account(ctx, string(player))
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{Player: player}, nil
	}
	if err != nil {
		return Account{}, failed("query the account", err, nil)
	}
	r := row.ReadAccount
	account := Account{
		Player: player, OpenedAt: r.OpenedAt.UTC(), Currency: events.Currency(value(r.Currency)), Played: milliseconds(r.PlayedMs), Sessions: r.Sessions,
		Credit: milliseconds(row.CreditMs), ErasedAt: utc(r.ErasedAt), Position: events.Position(r.Position),
	}
	if r.SubscriptionID != nil {
		runs, err := d.Subscription(ctx, player, events.SubscriptionID(*r.SubscriptionID))
		if err != nil && !errors.Is(err, ErrSubscriptionUnknown) { // it was here a moment ago, before the account was erased or built again
			return Account{}, err
		}
		if err == nil && runs.EndedAt == nil {
			account.Subscription = &runs
		}
	}
	if r.LimitCurrency != nil {
		limit := SpendingLimit{Most: money(r.LimitAmount, r.LimitCurrency), Reached: r.LimitReached}
		limit.Spent = events.Money{Currency: limit.Most.Currency}
		if account.Subscription != nil {
			limit.Spent.Amount = account.Subscription.Usage.Spent.Amount
		}
		limit.Left = events.Money{Amount: max(0, limit.Most.Amount-limit.Spent.Amount), Currency: limit.Most.Currency}
		account.Limit = &limit
	}
	return account, nil
}

// money is an amount in a currency that may be none.
func money(amount int64, currency *string) events.Money {
	return events.Money{Amount: amount, Currency: events.Currency(value(currency))}
}
