package billing

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrNoCredit refuses to take back what was never given.
var ErrNoCredit = &events.Fault{Kind: events.NotFound, Code: "no-credit",
	Message: "There is no such credit on the account. Look at those it has."}

// Revoke takes back what is left of a credit. One that is used up, expired or
// revoked is left alone.
type Revoke struct {
	Player events.PlayerID
	Credit events.CreditID
}

func (c Revoke) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Revoke) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.current(c.Player, now)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(a.Credits, func(known Credit) bool { return known.ID == c.Credit })
	switch {
	case at >= 0:
		return append(due, events.CreditRevoked{Player: c.Player, Credit: c.Credit, Lapsed: a.Credits[at].Left, At: now}), nil
	case slices.Contains(a.granted, c.Credit):
		return due, nil
	}
	return nil, ErrNoCredit
}
