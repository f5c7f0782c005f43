package queries

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// BookBalance is what was posted to an account of the books. Debits are
// positive, credits negative: Balance is the one less the other.
type BookBalance struct {
	Account string
	Debit   events.Money
	Credit  events.Money
	Balance events.Money
}

// TrialBalance is all of the books at a position. The balances of a currency sum
// to zero.
type TrialBalance struct {
	Accounts []BookBalance // by currency and account
	Position events.Position
}

// Off is by how much the balances of a currency don't sum to zero, which is
// nothing for any that there is.
func (t TrialBalance) Off(currency events.Currency) int64 {
	var off int64
	for _, a := range t.Accounts {
		if a.Balance.Currency == currency {
			off += a.Balance.Amount
		}
	}
	return off
}

// TrialBalance answers: what do the books come to?
func (d *DB) TrialBalance(ctx context.Context) (TrialBalance, error) {
	rows, err := d.q.TrialBalance(ctx)
	if err != nil {
		return TrialBalance{}, failed("query the trial balance", err, nil)
	}
	var t TrialBalance
	for _, row := range rows {
		t.Accounts = append(t.Accounts, bookBalance(row.Account, row.Currency, row.Debit, row.Credit))
		t.Position = max(t.Position, events.Position(row.Position))
	}
	return t, nil
}

// Turnover answers: what was posted to each account from one day on and before
// another, in UTC? Revenue of a time is what the accounts revenue-… were
// credited less what they were debited; the balance at the end of a day is the
// turnover from the beginning until the next one.
func (d *DB) Turnover(ctx context.Context, since, until time.Time) ([]BookBalance, error) {
	rows, err := d.q.Turnover(ctx, db.TurnoverParams{Since: date(since), Until: date(until)})
	if err != nil {
		return nil, failed("query the turnover", err, nil)
	}
	turnover := make([]BookBalance, 0, len(rows))
	for _, row := range rows {
		turnover = append(turnover, bookBalance(row.Account, row.Currency, row.Debit, row.Credit))
	}
	return turnover, nil
}

func bookBalance(account, currency string, debit, credit int64) BookBalance {
	return BookBalance{
		Account: account, Debit: money(debit, &currency), Credit: money(credit, &currency), Balance: money(debit-credit, &currency),
	}
}

// date is the day of a time in UTC.
func date(at time.Time) pgtype.Date {
	at = at.UTC()
	return pgtype.Date{Time: time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC), Valid: true}
}

// PlayerBalance is what an account of the books has of a player.
type PlayerBalance struct {
	Account string
	Balance events.Money // of credits sold and not played, and of what is owed to them, less than nothing
}

// PlayerBalances answers: what does the player owe, what is owed to them, and what
// have they paid for in advance?
func (d *DB) PlayerBalances(ctx context.Context, player events.PlayerID) ([]PlayerBalance, error) {
	rows, err := d.q.PlayerBalances(ctx, string(player))
	if err != nil {
		return nil, failed("query the player's balances", err, nil)
	}
	balances := make([]PlayerBalance, 0, len(rows))
	for _, row := range rows {
		balances = append(balances, PlayerBalance{Account: row.Account, Balance: money(row.Balance, &row.Currency)})
	}
	return balances, nil
}
