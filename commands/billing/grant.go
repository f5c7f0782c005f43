package billing

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// The bounds of credits, far from where their sum overflows.
const (
	mostCredits = 100
	mostPlay    = 10_000 * time.Hour
	mostCharge  = 1_000_000_000
	mostYears   = 100 // until it expires
)

// What a grant is refused for.
var (
	ErrCredit = &events.Fault{Kind: events.Invalid, Code: "credit-invalid",
		Message: "A credit has play of up to 10000 hours, a price that is not negative, a priority of 0 to 1000, and expires later than now and within 100 years."}
	ErrCredits = &events.Fault{Kind: events.TooMany, Code: "too-many-credits",
		Message: "The account has 100 credits that are not used up. Use or revoke one first."}
)

// Grant gives or, where there is a price, sells play to a player. A zero time of
// expiry is none.
type Grant struct {
	Player   events.PlayerID
	Credit   events.CreditID
	Play     time.Duration
	Price    events.Money
	Priority int
	Expires  time.Time
}

func (c Grant) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Grant) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.current(c.Player, now)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Credit.IsZero():
		return nil, ErrNoID
	case slices.Contains(a.granted, c.Credit) || slices.ContainsFunc(a.Credits, func(known Credit) bool { return known.ID == c.Credit }):
		return due, nil
	case c.Play <= 0 || c.Play > mostPlay || c.Price.Amount < 0 || c.Priority < 0 || c.Priority > 1000:
		return nil, ErrCredit
	case !c.Expires.IsZero() && (!now.Before(c.Expires) || c.Expires.After(now.AddDate(mostYears, 0, 0))):
		return nil, ErrCredit
	case c.Price.Amount > mostCharge:
		return nil, events.ErrAmount
	case len(a.Credits) >= mostCredits:
		return nil, ErrCredits
	}
	if c.Price != (events.Money{}) {
		if err := a.inCurrency(c.Price.Currency); err != nil {
			return nil, err
		}
	}
	return append(due, events.CreditGranted{
		Player: c.Player, Credit: c.Credit, Play: c.Play, Charge: c.Price, Priority: c.Priority, Expires: c.Expires, At: now,
	}), nil
}
