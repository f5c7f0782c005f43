package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Resume ends a pause. In a paused period the next one, which is paid, begins at
// once, and further ones begin on its day of the month. Of the play that the
// pause has held, as much is had as what is resumed to lets roll over.
type Resume struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
}

func (c Resume) Target() events.Stream { return events.AccountStream(c.Player) }

func (c Resume) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, a, err := a.subscribed(c.Player, c.Subscription, now)
	if err != nil {
		return nil, err
	}
	s := a.Subscription
	switch {
	case !s.Pausing:
		return due, nil
	case s.Cancelled:
		return nil, ErrCancelled
	}
	resumed := events.SubscriptionResumed{
		Player: c.Player, Subscription: s.ID, Offer: s.Offer, Charge: events.Money{Currency: a.Currency}, At: now,
	}
	if s.Period.Paused {
		from := now.UTC()
		if from.Before(s.Period.From) {
			from = s.Period.From // a clock has gone back
		}
		if s.Next != nil {
			resumed.Offer = *s.Next
		}
		terms := resumed.Offer.Terms
		resumed.Charge = terms.Price
		resumed.Rollover = min(s.Usage.Included, terms.Rollover)
		resumed.Lapsed = s.Usage.Included - resumed.Rollover
		resumed.Period = &events.Period{Number: s.Period.Number + 1, From: from, To: following(from, terms.Interval, from.Day())}
	}
	return append(due, resumed), nil
}
