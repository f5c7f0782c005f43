package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrLimit refuses a limit that is none.
var ErrLimit = &events.Fault{Kind: events.Invalid, Code: "spending-limit-invalid",
	Message: "A spending limit is nothing or more, in the account's currency."}

// Limit sets what may be spent on overage in a period. Less than is spent
// already lets nothing further be spent.
type Limit struct {
	Player events.PlayerID
	Most   events.Money
}

func (c Limit) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Limit) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.current(c.Player, now)
	if err != nil {
		return nil, err
	}
	if c.Most.Amount < 0 {
		return nil, ErrLimit
	}
	if a.Limit != nil && *a.Limit == c.Most {
		return due, nil
	}
	a.Limit = nil // it may be in any currency until there is a charge
	if err := a.inCurrency(c.Most.Currency); err != nil {
		return nil, err
	}
	return append(due, events.SpendingLimitSet{Player: c.Player, Limit: c.Most, At: now}), nil
}

// Unlimit lifts the spending limit.
type Unlimit struct {
	Player events.PlayerID
}

func (c Unlimit) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Unlimit) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.caughtUp(c.Player, now)
	if err != nil {
		return nil, err
	}
	if a.Limit == nil {
		return due, nil
	}
	return append(due, events.SpendingLimitLifted{Player: c.Player, At: now}), nil
}
