package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Keep takes back that a subscription was cancelled, as long as it has not ended.
type Keep struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
}

func (c Keep) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Keep) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.subscribed(c.Player, c.Subscription, now)
	if err != nil || !a.Subscription.Cancelled {
		return due, err
	}
	return append(due, events.SubscriptionKept{Player: c.Player, Subscription: c.Subscription, At: now}), nil
}
