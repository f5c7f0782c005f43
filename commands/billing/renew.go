package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// mostDue bounds what one command catches up with: ten years of months.
const mostDue = 120

// ErrBehind refuses what can't be decided before the account has caught up.
var ErrBehind = &events.Fault{Kind: events.Unavailable, Code: "account-behind",
	Message: "The account is being brought up to date. Try again in a moment."}

// Renew does what is due on an account: the next period, the end of a cancelled
// subscription, the expiry of credits. Before it is due it does nothing.
type Renew struct {
	Player events.PlayerID
}

func (r Renew) Target() events.Stream { return events.AccountStream(r.Player) }

func (r Renew) Decide(a Account, now time.Time) ([]events.Event, error) {
	due, _, _ := a.caughtUp(r.Player, now) // what is left is due to the next one
	return due, nil
}

// caughtUp does what is due, in the order in which it was due; ErrBehind when
// there is more than one command can do.
func (a Account) caughtUp(player events.PlayerID, now time.Time) ([]events.Event, Account, error) {
	var done []events.Event
	for {
		next := a.due(player, now)
		if next == nil {
			return done, a, nil
		}
		if len(done) == mostDue {
			return done, a, ErrBehind
		}
		done, a = append(done, next), a.Evolve(next)
	}
}

// due is the first that is, or nil.
func (a Account) due(player events.PlayerID, now time.Time) events.Event {
	var first Credit
	for _, c := range a.Credits {
		if !c.Expires.IsZero() && !now.Before(c.Expires) && (first.Left == 0 || c.Expires.Before(first.Expires)) {
			first = c
		}
	}
	s := a.Subscription
	over := !s.ID.IsZero() && !now.Before(s.Period.To)
	if first.Left > 0 && !(over && s.Period.To.Before(first.Expires)) {
		value, _ := first.value(first.Left) // at most the price: it never overflows
		return events.CreditExpired{Player: player, Credit: first.ID, Lapsed: first.Left, Value: value, At: now}
	}
	if over {
		return s.next(player, now)
	}
	return nil
}

// next is what follows the current period.
func (s Subscription) next(player events.PlayerID, now time.Time) events.Event {
	if s.Cancelled {
		return s.ended(player, events.SubscriptionRanOut, now)
	}
	offer := s.Offer
	if s.Next != nil {
		offer = *s.Next
	}
	rollover := min(s.Usage.Included, offer.Terms.Rollover)
	renewed := events.SubscriptionRenewed{
		Player: player, Subscription: s.ID, Offer: offer, Charge: offer.Terms.Price,
		Period: events.Period{
			Number: s.Period.Number + 1, From: s.Period.To,
			To: following(s.Period.To, offer.Terms.Interval, s.Anchor), Paused: s.Pausing,
		},
		Rollover: rollover, Lapsed: s.Usage.Included - rollover, At: now,
	}
	if s.Pausing {
		renewed.Charge.Amount = 0
	}
	return renewed
}

func (s Subscription) ended(player events.PlayerID, reason events.SubscriptionEndReason, now time.Time) events.SubscriptionEnded {
	return events.SubscriptionEnded{
		Player: player, Subscription: s.ID, Period: s.Period.Number, Reason: reason, Lapsed: s.Usage.Included, At: now,
	}
}
