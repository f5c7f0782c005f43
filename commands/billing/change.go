package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What a command on a subscription is refused for.
var (
	ErrNoSubscription = &events.Fault{Kind: events.NotFound, Code: "no-subscription",
		Message: "There is no such subscription. Start one."}
	ErrCancelled = &events.Fault{Kind: events.Conflict, Code: "subscription-cancelled",
		Message: "The subscription is cancelled. Keep it first."}
	ErrPaused = &events.Fault{Kind: events.Conflict, Code: "subscription-paused",
		Message: "The subscription is paused. Resume it first."}
)

// Change takes another offer: at once where it is dearer and of the same
// interval, else from the next period on. The offer that holds already takes
// back a change that was to come.
type Change struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
	Offer        events.Offer
}

func (c Change) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Change) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.subscribed(c.Player, c.Subscription, now)
	if err != nil {
		return nil, err
	}
	if err := c.Offer.Check(); err != nil {
		return nil, err
	}
	s, terms := a.Subscription, c.Offer.Terms
	if err := a.inCurrency(terms.Price.Currency); err != nil {
		return nil, err
	}
	switch {
	case s.Cancelled:
		return nil, ErrCancelled
	case c.Offer == s.Offer && s.Next == nil, s.Next != nil && c.Offer == *s.Next:
		return due, nil
	case c.Offer == s.Offer:
		return append(due, events.SubscriptionChangeDropped{Player: c.Player, Subscription: s.ID, At: now}), nil
	case s.Period.Paused:
		return nil, ErrPaused
	case terms.Interval != s.Offer.Terms.Interval || terms.Price.Amount <= s.Offer.Terms.Price.Amount:
		return append(due, events.SubscriptionChangeScheduled{
			Player: c.Player, Subscription: s.ID, Offer: c.Offer, From: s.Period.To, At: now,
		}), nil
	}
	changed, err := s.changed(c, now)
	if err != nil {
		return nil, err
	}
	return append(due, changed), nil
}

// changed is the change to a dearer offer. What is paid and the hours that are
// added are by the same part of the period, so that the last minute of a period
// does not buy the hours of all of it.
func (s Subscription) changed(c Change, now time.Time) (events.Event, error) {
	seconds := int64(s.Period.To.Sub(s.Period.From) / time.Second)
	remaining := min(seconds, max(0, int64(s.Period.To.Sub(now)/time.Second)))
	seconds = max(1, seconds)
	before, terms := s.Offer.Terms, c.Offer.Terms
	difference := events.Money{Amount: terms.Price.Amount - before.Price.Amount, Currency: terms.Price.Currency}
	charge, err := difference.Portion(remaining, seconds)
	if err != nil {
		return nil, err
	}
	more := int64(max(0, terms.Included-before.Included) / time.Second)
	added := time.Duration(more*remaining/seconds) * time.Second
	return events.SubscriptionChanged{
		Player: c.Player, Subscription: s.ID, Before: s.Offer, Offer: c.Offer, Period: s.Period.Number,
		Remaining: remaining, Seconds: seconds, Charge: charge, Added: added, At: now,
	}, nil
}

// subscribed brings the account up to a time, at which it has the subscription.
func (a Account) subscribed(player events.PlayerID, id events.SubscriptionID, now time.Time) ([]events.Event, Account, error) {
	due, a, err := a.current(player, now)
	if err == nil && (id.IsZero() || a.Subscription.ID != id) {
		err = ErrNoSubscription
	}
	if err != nil {
		return nil, a, err
	}
	return due, a, nil
}
