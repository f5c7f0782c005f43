package projections

import (
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

type bookedKey struct {
	At       time.Time
	Position int64
}

// transactionRow is a transaction. Owed is what is receivable of the player, less
// what is payable to them.
type transactionRow struct {
	At       time.Time        `db:"at,key"`
	Position int64            `db:"position,key"`
	ID       events.EventID   `db:"transaction_id"`
	Type     string           `db:"type"`
	Player   events.PlayerID  `db:"player_id"`
	Invoice  events.InvoiceID `db:"invoice_id,null"`
	Session  events.SessionID `db:"session_id,null"`
	Currency events.Currency  `db:"currency"`
	Amount   int64            `db:"amount"`
	Owed     int64            `db:"owed"`
	Owes     int64            `db:"owes"`
}

type entryKey struct {
	At       time.Time
	Position int64
	Number   int
}

type entryRow struct {
	At       time.Time       `db:"at,key"`
	Position int64           `db:"position,key"`
	Number   int             `db:"number,key"`
	ID       uuid.UUID       `db:"entry_id"`
	Account  ledger.Account  `db:"account"`
	Player   events.PlayerID `db:"player_id"`
	Amount   int64           `db:"amount"`
	Currency events.Currency `db:"currency"`
}

type balanceKey struct {
	Account  ledger.Account
	Currency events.Currency
}

type balanceRow struct {
	Account  ledger.Account  `db:"account,key"`
	Currency events.Currency `db:"currency,key"`
	Debit    int64           `db:"debit"`
	Credit   int64           `db:"credit"`
	Entries  int64           `db:"entries"`
	Position int64           `db:"position"`
}

type dayKey struct {
	Day      time.Time
	Account  ledger.Account
	Currency events.Currency
}

type dayRow struct {
	Day      time.Time       `db:"day,key,date"`
	Account  ledger.Account  `db:"account,key"`
	Currency events.Currency `db:"currency,key"`
	Debit    int64           `db:"debit"`
	Credit   int64           `db:"credit"`
}

type playerBalanceKey struct {
	Player   events.PlayerID
	Account  ledger.Account
	Currency events.Currency
}

type playerBalanceRow struct {
	Player   events.PlayerID `db:"player_id,key"`
	Account  ledger.Account  `db:"account,key"`
	Currency events.Currency `db:"currency,key"`
	Balance  int64           `db:"balance"`
	Position int64           `db:"position"`
}
