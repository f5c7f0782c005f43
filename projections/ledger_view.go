package projections

import (
	"fmt"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

// ledgerView is the books, posting by posting, and their balances.
//
//	event ─▶ ledger.TransactionOf ─▶ transaction ── entries (by month)
//	                                              └─▶ balance · day · player
type ledgerView struct {
	transactions *Table[bookedKey, transactionRow]
	entries      *Table[entryKey, entryRow]
	balances     *Table[balanceKey, balanceRow]
	days         *Table[dayKey, dayRow]
	players      *Table[playerBalanceKey, playerBalanceRow]
}

var _ View = (*ledgerView)(nil)

func newLedgerView() View {
	return &ledgerView{
		transactions: NewTable("ledger_transaction", func(r *transactionRow) bookedKey { return bookedKey{r.At, r.Position} }).Monthly("at"),
		entries:      NewTable("ledger_entry", func(r *entryRow) entryKey { return entryKey{r.At, r.Position, r.Number} }).Monthly("at"),
		balances:     NewTable("ledger_balance", func(r *balanceRow) balanceKey { return balanceKey{r.Account, r.Currency} }),
		days:         NewTable("ledger_day", func(r *dayRow) dayKey { return dayKey{r.Day, r.Account, r.Currency} }),
		players: NewTable("ledger_player", func(r *playerBalanceRow) playerBalanceKey {
			return playerBalanceKey{r.Player, r.Account, r.Currency}
		}),
	}
}

func (*ledgerView) Name() string { return "ledger" }
func (*ledgerView) Version() int { return 1 }

func (v *ledgerView) Tables() []Rows {
	return []Rows{v.transactions, v.entries, v.balances, v.days, v.players}
}

func (*ledgerView) Wants() []events.Event {
	return []events.Event{
		events.InvoiceIssued{}, events.InvoiceVoided{}, events.InvoiceWrittenOff{}, events.CreditNoteIssued{},
		events.PaymentSucceeded{}, events.PaymentRefunded{}, events.PlaytimeCharged{}, events.CreditExpired{},
	}
}

func (v *ledgerView) Fold(n *Noted) error {
	t, moves := ledger.TransactionOf(n.ID, n.Event)
	if !moves {
		return nil
	}
	if err := t.Check(); err != nil {
		return err
	}
	booked := bookedOf(n.Event)
	booked.ID, booked.Type, booked.Position, booked.Currency = t.Event, t.Type, n.Position, t.Postings[0].Amount.Currency
	for i, p := range t.Postings {
		v.entries.Add(entryRow{
			At: booked.At, Position: n.Position, Number: i + 1, ID: t.Entry(i + 1),
			Account: p.Account, Player: booked.Player, Amount: p.Amount.Amount, Currency: p.Amount.Currency,
		})
		if err := v.post(booked, p); err != nil {
			return err
		}
		if p.Amount.Amount > 0 && p.Amount.Currency == booked.Currency {
			booked.Amount += p.Amount.Amount
		}
		if p.Account == ledger.Receivable || p.Account == ledger.Payable {
			booked.Owed += p.Amount.Amount
		}
	}
	booked.Owes = v.balance(booked, ledger.Receivable) + v.balance(booked, ledger.Payable)
	v.transactions.Add(booked)
	n.Tell(events.AccountStream(booked.Player))
	return nil
}

// bookedOf is what a transaction is about: whose it is, when, and of what.
func bookedOf(e events.Event) transactionRow {
	switch e := e.(type) {
	case events.InvoiceIssued:
		return transactionRow{At: e.At, Player: e.Player, Invoice: e.Invoice}
	case events.InvoiceVoided:
		return transactionRow{At: e.At, Player: e.Player, Invoice: e.Invoice}
	case events.InvoiceWrittenOff:
		return transactionRow{At: e.At, Player: e.Player, Invoice: e.Invoice}
	case events.CreditNoteIssued:
		return transactionRow{At: e.At, Player: e.Player, Invoice: e.Invoice}
	case events.PaymentSucceeded:
		return transactionRow{At: e.At, Player: e.Player, Invoice: e.Invoice}
	case events.PaymentRefunded:
		return transactionRow{At: e.At, Player: e.Player, Invoice: e.Invoice}
	case events.PlaytimeCharged:
		return transactionRow{At: e.At, Player: e.Player, Session: e.Session}
	case events.CreditExpired:
		return transactionRow{At: e.At, Player: e.Player}
	}
	return transactionRow{}
}

// post adds a posting to the sums of which it is part.
func (v *ledgerView) post(booked transactionRow, p ledger.Posting) error {
	m := p.Amount
	balance, _ := v.balances.Get(balanceKey{p.Account, m.Currency})
	balance.Account, balance.Currency, balance.Position = p.Account, m.Currency, booked.Position
	balance.Entries++
	day, _ := v.days.Get(dayKey{dayOf(booked.At), p.Account, m.Currency})
	day.Day, day.Account, day.Currency = dayOf(booked.At), p.Account, m.Currency
	for _, sums := range [][2]*int64{{&balance.Debit, &balance.Credit}, {&day.Debit, &day.Credit}} {
		if err := posted(sums[0], sums[1], m); err != nil {
			return fmt.Errorf("post to %s: %w", p.Account, err)
		}
	}
	v.balances.Put(balance)
	v.days.Put(day)
	if ofPlayers(p.Account) {
		player, _ := v.players.Get(playerBalanceKey{booked.Player, p.Account, m.Currency})
		player.Player, player.Account, player.Currency, player.Position = booked.Player, p.Account, m.Currency, booked.Position
		player.Balance += m.Amount // within what the account's sums are held to
		v.players.Put(player)
	}
	return nil
}

// posted adds an amount to what was debited or to what was credited.
func posted(debit, credit *int64, m events.Money) error {
	into, amount := debit, m
	if m.Amount < 0 {
		var err error
		if amount, err = m.Negated(); err != nil {
			return err
		}
		into = credit
	}
	sum, err := events.Money{Amount: *into, Currency: m.Currency}.Add(amount)
	if err != nil {
		return err
	}
	*into = sum.Amount
	return nil
}

func (v *ledgerView) balance(booked transactionRow, account ledger.Account) int64 {
	row, _ := v.players.Get(playerBalanceKey{booked.Player, account, booked.Currency})
	return row.Balance
}

// ofPlayers says which accounts are kept by player, too.
func ofPlayers(account ledger.Account) bool {
	switch account {
	case ledger.Receivable, ledger.Payable, ledger.WrittenOff, ledger.Refunds, ledger.CreditsLiability:
		return true
	}
	return false
}
