package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Pause makes the periods after the current one unpaid and unplayed: what is
// paid for can still be played, and what may be left to the next period waits.
type Pause struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
}

func (c Pause) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Pause) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.subscribed(c.Player, c.Subscription, now)
	if err != nil {
		return nil, err
	}
	s := a.Subscription
	switch {
	case s.Cancelled:
		return nil, ErrCancelled
	case s.Pausing:
		return due, nil
	}
	return append(due, events.SubscriptionPaused{Player: c.Player, Subscription: s.ID, From: s.Period.To, At: now}), nil
}
