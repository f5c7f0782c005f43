package invoice

import (
	"fmt"

	"github.com/playcast/playcast/events"
)

// maxAmount bounds each amount, so that the sums of as many as an invoice may
// have can't overflow.
const maxAmount = 1_000_000_000_000_000

// most bounds how many credit notes, payments and refunds an invoice has.
const most = 200

// What an amount is refused for.
var (
	ErrAmount = &events.Fault{Kind: events.Invalid, Code: "amount-invalid",
		Message: "The amount is more than nothing, and no more than can be paid."}
	ErrTooMany = &events.Fault{Kind: events.TooMany, Code: "invoice-overfull",
		Message: "So much was asked of this invoice that it takes no more. Write another one."}
)

// Balance is what has become of an issued invoice's total, in minor units. No
// part is ever negative.
type Balance struct {
	Open       int64 // expected of the player
	WrittenOff int64 // not expected any more
	Goodwill   int64 // paid back without being owed
	Owed       int64 // to the player
}

// settle says where an amount in the player's favour goes: first to what is
// open, then to what was written off, then, for a credit note, to what was
// given in advance; the rest is owed to the player.
func (s State) settle(amount int64, credit bool) events.Settlement {
	take := func(from int64) events.Money {
		part := min(amount, from)
		amount -= part
		return s.money(part)
	}
	settles := events.Settlement{Open: take(s.Balance.Open), WrittenOff: take(s.Balance.WrittenOff), Goodwill: s.money(0)}
	if credit {
		settles.Goodwill = take(s.Balance.Goodwill)
	}
	settles.Owed = s.money(amount)
	return settles
}

func (b Balance) after(settled events.Settlement) Balance {
	b.Open -= settled.Open.Amount
	b.WrittenOff -= settled.WrittenOff.Amount
	b.Goodwill -= settled.Goodwill.Amount
	b.Owed += settled.Owed.Amount
	return b
}

// settleBack says what money that goes back is for: what is owed, and beyond
// that goodwill.
func (s State) settleBack(amount int64) events.Settlement {
	owed := min(amount, s.Balance.Owed)
	return events.Settlement{Open: s.money(0), WrittenOff: s.money(0), Goodwill: s.money(amount - owed), Owed: s.money(owed)}
}

func (b Balance) paidBack(settled events.Settlement) Balance {
	b.Owed -= settled.Owed.Amount
	b.Goodwill += settled.Goodwill.Amount
	return b
}

// amount refuses what can't be paid or paid back of the invoice.
func (s State) amount(m events.Money) error {
	switch {
	case m.Currency != s.Currency:
		return events.ErrCurrency.With(fmt.Sprintf("The invoice is in %s, not in %s.", s.Currency, m.Currency))
	case !m.Positive() || m.Amount > maxAmount:
		return ErrAmount
	}
	return nil
}
