package billing

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrReason refuses an end for no reason that is known.
var ErrReason = &events.Fault{Kind: events.Invalid, Code: "end-reason-invalid",
	Message: "A subscription is ended at once because it is unpaid, stopped, or its player's who is erased. Else cancel it."}

// End ends a subscription at once.
type End struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
	Reason       events.SubscriptionEndReason
}

func (c End) Target() events.Stream { return events.AccountStream(c.Player) }

func (c End) Decide(a Account, now time.Time) ([]events.Event, error) {
	if !slices.Contains([]events.SubscriptionEndReason{events.SubscriptionUnpaid, events.SubscriptionStopped, events.SubscriptionErased}, c.Reason) {
		return nil, ErrReason
	}
	if !c.Subscription.IsZero() && c.Subscription == a.Former.ID {
		return nil, nil
	}
	due, current, err := a.current(c.Player, now)
	if err != nil {
		return nil, err
	}
	if !c.Subscription.IsZero() && c.Subscription == current.Former.ID {
		return due, nil
	}
	if c.Subscription.IsZero() || c.Subscription != current.Subscription.ID {
		return nil, ErrNoSubscription
	}
	return append(due, current.Subscription.ended(c.Player, c.Reason, now)), nil
}
