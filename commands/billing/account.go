// Package billing decides on players' accounts: a subscription, credits, and
// what is played.
//
//	           Start               Cancel                 its period is over
//	(none) ───────────▶ running ◀─────────▶ cancelled ──────────────────────▶ (none)
//	                    ▲  │ Change          Keep
//	             Resume │  │ Pause, when the period is over
//	                    │  ▼
//	                   paused: periods go on, unpaid and unplayed
//
// Time. Every command first brings the account up to now: periods that are over
// are followed by the next, credits that have expired are gone. So none decides
// on a period that is over, and the policy only sees to it that it happens when
// nobody asks. Periods go by the calendar in UTC, and each begins when the one
// before ends.
//
// Changes. A dearer offer of the same interval holds at once and its difference
// is paid to the second, which is fair in every time zone; every other one holds
// from the next period on, as is common: nothing is paid back, so no way there
// and back earns money.
//
// Play. A metered segment is burnt once, of the current period: what it includes
// and the period before has left to it, then credits by priority, expiry and
// creation; the rest is overage at the plan's price. Play from before the period
// may for a day also burn what the period before had left beyond the rollover.
// Play that began before the last subscription ended is burnt on its terms, of
// what had lapsed with it first, however late it is metered and whatever follows.
// A plan without a price for overage lets nobody start a session when all is
// burnt, and what a session still plays past that is the house's. A spending
// limit likewise: sessions are bounded by it, and past it nothing is charged,
// which an event says once.
//
// Without a plan. Play of an account that has, or had, neither a subscription
// to which it belongs nor credits is metered and not charged: PlaytimeMetered
// stands alone, nothing is owed for it, and neither a subscription nor credits
// that come later burn it. Play past the last credit is the same: what is beyond
// it has no price. It is Entitled that refuses such players a session: a platform
// that requires no plans and lets them play all the same does so for nothing.
package billing

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// Account is a player's account as its stream tells it. Evolve adds to metered
// in place, so an earlier value of a fold is not to be used after a later one;
// all the rest is copied.
type Account struct {
	Open         bool
	Played       time.Duration
	Currency     events.Currency // of the first charge; none before
	Subscription Subscription    // zero: none
	Former       Former
	Credits      []Credit // with something left, in the order in which they are burnt
	Limit        *events.Money
	granted      []events.CreditID // the last ones
	metered      metered
}

// recalled is how many grants are known to be done by their ids, as many as a
// stream's commands are.
const recalled = 256

// Former is the last subscription that ended, for play that comes late.
type Former struct {
	Subscription
	Ended time.Time `json:"ended"`
}

// Credit is what is left of play that was bought or given.
type Credit struct {
	ID       events.CreditID `json:"id"`
	Play     time.Duration   `json:"play"`
	Price    events.Money    `json:"price,omitzero"` // of Play
	Left     time.Duration   `json:"left"`
	Priority int             `json:"priority"`
	Expires  time.Time       `json:"expires,omitzero"`
}

// value is the part of the price that is earned when so much of what is left
// is burnt. It is rounded of all that was burnt, so that the parts of a credit
// come to its price.
func (c Credit) value(play time.Duration) (events.Money, error) {
	if c.Price == (events.Money{}) {
		return events.Money{}, nil
	}
	before, err := c.Price.Portion(int64(c.Play-c.Left), int64(c.Play))
	if err != nil {
		return events.Money{}, err
	}
	after, err := c.Price.Portion(int64(c.Play-c.Left+play), int64(c.Play))
	return events.Money{Amount: after.Amount - before.Amount, Currency: c.Price.Currency}, err
}

// before is the order in which credits are burnt; of equals, the older comes first.
func (c Credit) before(d Credit) bool {
	if c.Priority != d.Priority {
		return c.Priority < d.Priority
	}
	if c.Expires.IsZero() || d.Expires.IsZero() {
		return !c.Expires.IsZero() && d.Expires.IsZero()
	}
	return c.Expires.Before(d.Expires)
}

// Evolve returns the state after an event.
func (a Account) Evolve(e events.Event) Account {
	before := a.Subscription
	a.Subscription, a.Former.Subscription = a.Subscription.evolve(e), a.Former.spent(e)
	switch e := e.(type) {
	case events.AccountOpened:
		a.Open = true
	case events.PlaytimeMetered:
		a.Played = sum(a.Played, e.Segment.Duration())
		a.metered = a.metered.with(e)
	case events.PlaytimeCharged:
		for _, burnt := range e.Credits {
			a.Credits = without(a.Credits, burnt.Credit, burnt.Left)
		}
	case events.SubscriptionStarted:
		a.Currency = e.Charge.Currency
	case events.SubscriptionEnded:
		a.Former = before.former(e.At)
	case events.CreditGranted:
		a = a.withCredit(e)
	case events.CreditExpired:
		a.Credits = without(a.Credits, e.Credit, 0)
	case events.CreditRevoked:
		a.Credits = without(a.Credits, e.Credit, 0)
	case events.SpendingLimitSet:
		a.Limit = &e.Limit
	case events.SpendingLimitLifted:
		a.Limit = nil
	}
	return a
}

func (a Account) withCredit(e events.CreditGranted) Account {
	credit := Credit{ID: e.Credit, Play: e.Play, Price: e.Charge, Left: e.Play, Priority: e.Priority, Expires: e.Expires}
	at := len(a.Credits)
	for at > 0 && credit.before(a.Credits[at-1]) {
		at--
	}
	a.Credits = slices.Insert(slices.Clone(a.Credits), at, credit)
	a.granted = append(slices.Clone(a.granted[max(0, len(a.granted)-recalled+1):]), e.Credit)
	if e.Charge.Currency != "" {
		a.Currency = e.Charge.Currency
	}
	return a
}

// without has another rest of a credit, and no credit where nothing is left.
func without(credits []Credit, id events.CreditID, left time.Duration) []Credit {
	var kept []Credit
	for _, c := range credits {
		if c.ID == id {
			c.Left = left
		}
		if c.Left > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// sum adds what is not negative, and stops at the most that can be counted.
func sum(a, b time.Duration) time.Duration {
	if a > 1<<63-1-b {
		return 1<<63 - 1
	}
	return a + b
}

// ErrPlayer refuses a command on nobody's account.
var ErrPlayer = &events.Fault{Kind: events.Invalid, Code: "player-invalid",
	Message: "The account is of no player. Name one."}

// current brings the account up to a time and says what happens by that: its
// opening first, if it is not open.
func (a Account) current(player events.PlayerID, now time.Time) ([]events.Event, Account, error) {
	if _, err := events.ParsePlayerID(string(player)); err != nil {
		return nil, a, ErrPlayer
	}
	var opened []events.Event
	if !a.Open {
		opened = []events.Event{events.AccountOpened{Player: player, At: now}}
		a.Open = true
	}
	due, a, err := a.caughtUp(player, now)
	return append(opened, due...), a, err
}

// inCurrency refuses money of another currency than the account's.
func (a Account) inCurrency(currency events.Currency) error {
	if err := currency.Check(); err != nil {
		return err
	}
	if a.Currency != "" && a.Currency != currency {
		return events.ErrCurrency.With("The account is in " + string(a.Currency) + ", not in " + string(currency) + ".")
	}
	if a.Limit != nil && a.Limit.Currency != currency {
		return events.ErrCurrency.With("The spending limit is in " + string(a.Limit.Currency) + ". Lift it, or pay in that.")
	}
	return nil
}
