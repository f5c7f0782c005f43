package billing

import (
	"math"
	"math/big"
	"time"

	"github.com/playcast/playcast/events"
)

// Why a player may start no session.
var (
	ErrNoPlan = &events.Fault{Kind: events.Forbidden, Code: "no-plan",
		Message: "There is no play on the account. Choose a plan or buy credits."}
	ErrCreditsSpent = &events.Fault{Kind: events.Forbidden, Code: "credits-used-up",
		Message: "All play that was bought is used up. Buy credits, or choose a plan."}
	ErrSpent = &events.Fault{Kind: events.Forbidden, Code: "play-used-up",
		Message: "All hours of this period are played. Buy credits, take a larger plan, or wait for the next period."}
	ErrSpendingLimit = &events.Fault{Kind: events.Forbidden, Code: "spending-limit-reached",
		Message: "The spending limit of this period is reached. Raise it, or wait for the next period."}
)

// onCredits is what a player can do who has credits and no plan.
var onCredits = events.Access{Sessions: 1, Longest: time.Hour, Resolution: 720}

// Entitlement is what a player may do who starts a session now.
type Entitlement struct {
	Refusal *events.Fault // nil: they may
	// Access is the plan's, its Longest no longer than there is play for. How many
	// sessions are open, whoever asks knows.
	Access events.Access
	// Subscribed says that the terms are a subscription's, paused or not, and not
	// of credits, or of nothing.
	Subscribed bool
}

// Entitled says what the player may do at a time, whether or not what is due by
// then has happened. What was played and is not metered yet, as in sessions that
// run, is taken off.
func (a Account) Entitled(now time.Time, unmetered time.Duration) Entitlement {
	_, a, err := a.caughtUp("", now)
	if err != nil {
		return Entitlement{Refusal: ErrBehind, Subscribed: !a.Subscription.ID.IsZero()}
	}
	e := a.entitled(max(0, unmetered))
	e.Subscribed = !a.Subscription.ID.IsZero()
	return e
}

func (a Account) entitled(unmetered time.Duration) Entitlement {
	s := a.Subscription
	var left time.Duration
	for _, c := range a.Credits {
		left = sum(left, c.Left)
	}
	if !s.running() {
		left -= unmetered
		switch {
		case left > 0:
			return bounded(onCredits, left)
		case s.Period.Paused:
			return Entitlement{Refusal: ErrPaused}
		case len(a.Credits) > 0:
			return Entitlement{Refusal: ErrCreditsSpent}
		}
		return Entitlement{Refusal: ErrNoPlan}
	}
	beyond, limited := a.payable()
	left = sum(sum(left, s.Usage.Included), beyond) - unmetered
	switch {
	case left > 0:
		return bounded(s.Offer.Terms.Access, left)
	case limited:
		return Entitlement{Refusal: ErrSpendingLimit}
	}
	return Entitlement{Refusal: ErrSpent}
}

func bounded(access events.Access, left time.Duration) Entitlement {
	access.Longest = min(access.Longest, left)
	return Entitlement{Access: access}
}

// payable is how much overage can be had, and whether the limit bounds it.
func (a Account) payable() (time.Duration, bool) {
	hour := a.Subscription.Offer.Terms.Overage
	switch {
	case hour == events.Money{}:
		return 0, false
	case a.Limit == nil || hour.Amount == 0:
		return math.MaxInt64, false
	}
	room := max(0, a.Limit.Amount-a.Subscription.Usage.Spent)
	play := new(big.Int).Mul(big.NewInt(room), big.NewInt(int64(time.Hour)))
	if play.Quo(play, big.NewInt(hour.Amount)); !play.IsInt64() {
		return math.MaxInt64, true
	}
	return time.Duration(play.Int64()), true
}
