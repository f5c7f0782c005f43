package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Subscription is a player's, with what is left of its current period.
type Subscription struct {
	ID        events.SubscriptionID `json:"id"`
	Offer     events.Offer          `json:"offer"`
	Next      *events.Offer         `json:"next,omitempty"` // from the next period on
	Period    events.Period         `json:"period"`
	Anchor    int                   `json:"anchor"` // the day of the month on which periods begin
	Cancelled bool                  `json:"cancelled"`
	Pausing   bool                  `json:"pausing"` // the next periods are paused
	Usage     Usage                 `json:"usage"`
}

// Usage is what of a period is left, and what was played beyond.
type Usage struct {
	Included time.Duration `json:"included"` // left, with the rollover
	Late     time.Duration `json:"late"`     // lapsed with the period of which it was, for play of then
	Rated    time.Duration `json:"rated"`    // played at the present price of overage
	Spent    int64         `json:"spent"`    // on overage, in minor units
	Reached  bool          `json:"reached"`  // the spending limit, which was said
}

// running says whether the current period is paid for.
func (s Subscription) running() bool { return !s.ID.IsZero() && !s.Period.Paused }

func (s Subscription) evolve(e events.Event) Subscription {
	switch e := e.(type) {
	case events.SubscriptionStarted:
		return Subscription{ID: e.Subscription, Offer: e.Offer, Period: e.Period, Anchor: e.Period.From.Day(),
			Usage: Usage{Included: e.Offer.Terms.Included}}
	case events.SubscriptionRenewed:
		s.Offer, s.Next, s.Period = e.Offer, nil, e.Period
		s.Usage = Usage{Included: e.Rollover, Late: e.Lapsed}
		if !e.Period.Paused {
			s.Usage.Included += e.Offer.Terms.Included
		}
	case events.SubscriptionChanged:
		s.Offer, s.Next = e.Offer, nil
		s.Usage.Included += e.Added
		s.Usage.Rated = 0
	case events.SubscriptionChangeScheduled:
		s.Next = &e.Offer
	case events.SubscriptionChangeDropped:
		s.Next = nil
	case events.SubscriptionCancelled:
		s.Cancelled = true
	case events.SubscriptionKept:
		s.Cancelled = false
	case events.SubscriptionPaused:
		s.Pausing = true
	case events.SubscriptionResumed:
		s.Pausing = false
		if e.Period != nil {
			s.Offer, s.Next, s.Period, s.Anchor = e.Offer, nil, *e.Period, e.Period.From.Day()
			s.Usage = Usage{Included: e.Rollover + e.Offer.Terms.Included}
		}
	case events.SubscriptionEnded:
		return Subscription{}
	default:
		return s.spent(e)
	}
	return s
}

// spent is evolve of what is played and paid of the subscription.
func (s Subscription) spent(e events.Event) Subscription {
	switch e := e.(type) {
	case events.PlaytimeCharged:
		if e.Subscription == s.ID {
			s.Usage = s.Usage.after(e)
		}
	case events.SpendingLimitSet, events.SpendingLimitLifted:
		s.Usage.Reached = false
	case events.SpendingLimitReached:
		s.Usage.Reached = s.Usage.Reached || e.Subscription == s.ID
	}
	return s
}

// former is the subscription as it ends: what its period includes has lapsed
// but for its own play.
func (s Subscription) former(at time.Time) Former {
	if at.After(s.Period.To) {
		at = s.Period.To // nobody had asked
	}
	s.Next = nil
	s.Usage.Included, s.Usage.Late = 0, s.Usage.Included
	return Former{Subscription: s, Ended: at}
}

func (u Usage) after(e events.PlaytimeCharged) Usage {
	u.Included -= e.Included - e.Late
	u.Late -= e.Late
	if e.Overage.Hour.Currency != "" {
		u.Rated = sum(u.Rated, e.Overage.Play)
		u.Spent += e.Overage.Charge.Amount
	}
	return u
}

// following is when a period that begins at a time ends: on the anchor's day of
// the month, or the last there is. 31 January is followed by 28 February, and
// that by 31 March.
func following(from time.Time, interval events.Interval, anchor int) time.Time {
	months := 1
	if interval == events.Yearly {
		months = 12
	}
	from = from.UTC()
	first := time.Date(from.Year(), from.Month()+time.Month(months), 1, from.Hour(), from.Minute(), from.Second(), from.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(anchor, last)-1)
}
