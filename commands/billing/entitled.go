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
	// Access is the plan's, its Longest no longer than there is play for. What
	// sessions that run have not metered yet is not taken off: whoever asks knows
	// them, and how many there are.
	Access events.Access
}

// Entitled says what the player may do at a time, whether or not what is due by
// then has happened.
func (a Account) Entitled(now time.Time) Entitlement {
	_, a, err := a.caughtUp("", now)
	if err != nil {
		return Entitlement{Refusal: ErrBehind}
	}
	s := a.Subscription
	var left time.Duration
	for _, c := range a.Credits {
		left += c.Left
	}
	switch {
	case !s.running() && left == 0 && s.Period.Paused:
		return Entitlement{Refusal: ErrPaused}
	case !s.running() && left == 0:
		return Entitlement{Refusal: ErrNoPlan}
	case !s.running():
		return bounded(onCredits, left)
	}
	left += s.Usage.Included
	beyond, limited := a.payable()
	left = sum(left, beyond)
	switch {
	case left == 0 && limited:
		return Entitlement{Refusal: ErrSpendingLimit}
	case left == 0:
		return Entitlement{Refusal: ErrSpent}
	}
	return bounded(s.Offer.Terms.Access, left)
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
