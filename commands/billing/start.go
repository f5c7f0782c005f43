package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What a start is refused for.
var (
	ErrSubscribed = &events.Fault{Kind: events.Conflict, Code: "already-subscribed",
		Message: "There is a subscription already. Change it, or let it end first."}
	ErrStale = &events.Fault{Kind: events.Conflict, Code: "subscription-over",
		Message: "This subscription has ended. Start another one."}
	ErrNoID = &events.Fault{Kind: events.Invalid, Code: "id-missing",
		Message: "What is started or granted needs an id."}
)

// Start begins a subscription to an offer, of which it keeps the terms. Whoever
// asks has seen that the plan still offers them.
type Start struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
	Offer        events.Offer
}

func (c Start) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Start) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.current(c.Player, now)
	if err != nil {
		return nil, err
	}
	if err := c.Offer.Check(); err != nil {
		return nil, err
	}
	price := c.Offer.Terms.Price
	switch {
	case c.Subscription.IsZero():
		return nil, ErrNoID
	case c.Subscription == a.Subscription.ID:
		return due, nil
	case !a.Subscription.ID.IsZero():
		return nil, ErrSubscribed
	case c.Subscription == a.Former.ID:
		return nil, ErrStale
	}
	if err := a.inCurrency(price.Currency); err != nil {
		return nil, err
	}
	now = now.UTC()
	return append(due, events.SubscriptionStarted{
		Player: c.Player, Subscription: c.Subscription, Offer: c.Offer, Charge: price, At: now,
		Period: events.Period{Number: 1, From: now, To: following(now, c.Offer.Terms.Interval, now.Day())},
	}), nil
}
