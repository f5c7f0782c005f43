package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// SubscriptionState is what a player is told of a subscription.
type SubscriptionState string

// The states. What is to come happens when the period is over.
const (
	SubscriptionRuns   SubscriptionState = "running" // and is renewed
	SubscriptionPauses SubscriptionState = "pausing" // runs, and pauses then
	SubscriptionRests  SubscriptionState = "paused"
	SubscriptionEnds   SubscriptionState = "ending" // runs, and ends then
	SubscriptionIsOver SubscriptionState = "ended"
)

// ErrSubscriptionUnknown says that a player has no subscription of that id.
var ErrSubscriptionUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-subscription",
	Message: "There is no such subscription. Look at those of the account."}

// Subscription is one of a player's, with what is left of its present period.
type Subscription struct {
	ID        events.SubscriptionID
	State     SubscriptionState
	Offer     events.Offer // on whose terms it is
	Next      *OfferChange // nil: the next period is as this one
	Period    events.Period
	Usage     Usage // of the period
	StartedAt time.Time
	EndedAt   *time.Time
	EndReason events.SubscriptionEndReason
	Position  events.Position
}

// RenewsAt is when the next period is paid; false where none is to be.
func (s Subscription) RenewsAt() (time.Time, bool) {
	return s.Period.To, s.State == SubscriptionRuns
}

// OfferChange is an offer that holds from the next period on.
type OfferChange struct {
	Plan     events.PlanID
	Version  int
	Price    events.Money
	Interval events.Interval
}

// Usage is what was had of a period, and paid for it.
type Usage struct {
	Price        events.Money  // with what changes within it cost
	Included     time.Duration // by the plan
	RolledOver   time.Duration // from the period before
	Left         time.Duration // of both
	Played       time.Duration // of both
	Lapsed       time.Duration // when it ended
	Credit       time.Duration // played of credits
	Overage      time.Duration // played beyond
	Spent        events.Money  // on that: it counts against the spending limit
	Waived       events.Money  // that the limit has kept from being paid
	LimitReached bool
}

// Subscription answers: how does this subscription of the player's stand?
func (d *DB) Subscription(ctx context.Context, player events.PlayerID, id events.SubscriptionID) (Subscription, error) {
	row, err := d.q.Subscription(ctx, db.SubscriptionParams{PlayerID: string(player), SubscriptionID: uuid.UUID(id)})
	if err != nil {
		return Subscription{}, failed("query the subscription", err, ErrSubscriptionUnknown)
	}
	return subscriptionOf(row.ReadSubscription, row.ReadSubscriptionPeriod), nil
}

// SubscriptionPage is some of a player's subscriptions, the last one first.
type SubscriptionPage struct {
	Subscriptions []Subscription
	Next          string // the next page's cursor; empty: this was the last
}

// Subscriptions answers: which subscriptions has the player had?
func (d *DB) Subscriptions(ctx context.Context, player events.PlayerID, cursor string, size int) (SubscriptionPage, error) {
	of, before := listOf("subscriptions", player), newest()
	if err := of.after(cursor, &before); err != nil {
		return SubscriptionPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Subscriptions(ctx, db.SubscriptionsParams{
		PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1),
	})
	if err != nil {
		return SubscriptionPage{}, failed("query the subscriptions", err, nil)
	}
	var page SubscriptionPage
	page.Subscriptions, page.Next = pageOf(of, rows, size, func(r db.SubscriptionsRow) (Subscription, key) {
		return subscriptionOf(r.ReadSubscription, r.ReadSubscriptionPeriod), &byTime{r.ReadSubscription.StartedAt, r.ReadSubscription.SubscriptionID}
	})
	return page, nil
}

// PeriodPage is some of a subscription's periods, the last one first.
type PeriodPage struct {
	Periods []PeriodUsed
	Next    string // the next page's cursor; empty: this was the last
}

// PeriodUsed is a period, and what was had of it.
type PeriodUsed struct {
	events.Period
	Usage Usage
}

// Periods answers: what was had of a subscription, and paid for it, period by
// period?
func (d *DB) Periods(ctx context.Context, player events.PlayerID, id events.SubscriptionID, cursor string, size int) (PeriodPage, error) {
	of, before := listOf("periods", player, id), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return PeriodPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Periods(ctx, db.PeriodsParams{
		PlayerID: string(player), SubscriptionID: uuid.UUID(id), Before: before.position, PageSize: int32(size + 1),
	})
	if err != nil {
		return PeriodPage{}, failed("query the periods", err, nil)
	}
	var page PeriodPage
	page.Periods, page.Next = pageOf(of, rows, size, func(r db.PeriodsRow) (PeriodUsed, key) {
		p := r.ReadSubscriptionPeriod
		return PeriodUsed{
			Period: events.Period{Number: int(p.Period), From: p.FromAt.UTC(), To: p.ToAt.UTC(), Paused: p.Paused}, Usage: usageOf(p),
		}, &byPosition{p.Period}
	})
	return page, nil
}

func subscriptionOf(s db.ReadSubscription, p db.ReadSubscriptionPeriod) Subscription {
	subscription := Subscription{
		ID: events.SubscriptionID(s.SubscriptionID), State: SubscriptionState(s.State), Offer: offerOf(s),
		Period: events.Period{Number: int(s.Period), From: s.PeriodFrom.UTC(), To: s.PeriodTo.UTC(), Paused: s.PeriodPaused},
		Usage:  usageOf(p), StartedAt: s.StartedAt.UTC(), EndedAt: utc(s.EndedAt),
		EndReason: events.SubscriptionEndReason(value(s.EndReason)), Position: events.Position(s.Position),
	}
	if s.NextPlanID != nil {
		subscription.Next = &OfferChange{
			Plan: events.PlanID(*s.NextPlanID), Version: int(value(s.NextVersion)),
			Price: money(s.NextPrice, &s.Currency), Interval: events.Interval(value(s.NextLength)),
		}
	}
	return subscription
}

func offerOf(s db.ReadSubscription) events.Offer {
	return events.Offer{Plan: events.PlanID(s.PlanID), Version: int(s.PlanVersion), Terms: termsOf(terms{
		s.Price, s.Overage, s.Currency, s.Length, s.IncludedMs, s.RolloverMs, s.AtOnce, s.LongestMs, s.Resolution, s.Priority})}
}

func usageOf(p db.ReadSubscriptionPeriod) Usage {
	return Usage{
		Price: money(p.Price, &p.Currency), Included: milliseconds(p.IncludedMs), RolledOver: milliseconds(p.RolloverMs),
		Left: milliseconds(p.LeftMs), Played: milliseconds(p.BurntMs), Lapsed: milliseconds(p.LapsedMs),
		Credit: milliseconds(p.CreditMs), Overage: milliseconds(p.OverageMs),
		Spent: money(p.Spent, &p.Currency), Waived: money(p.Waived, &p.Currency), LimitReached: p.LimitReached,
	}
}
