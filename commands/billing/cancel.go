package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Cancel ends a subscription with its current period.
type Cancel struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
}

func (c Cancel) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Cancel) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.subscribed(c.Player, c.Subscription, now)
	if err != nil {
		return nil, err
	}
	s := a.Subscription
	if s.Cancelled {
		return due, nil
	}
	return append(due, events.SubscriptionCancelled{Player: c.Player, Subscription: s.ID, Until: s.Period.To, At: now}), nil
}
