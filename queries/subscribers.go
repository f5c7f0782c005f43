package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Subscriber is a player whose subscription to a version of a plan runs.
type Subscriber struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
	State        SubscriptionState
	StartedAt    time.Time
	Period       int
	PeriodTo     time.Time
}

// SubscriberPage is some of a version's subscribers, the last to start first.
type SubscriberPage struct {
	Subscribers []Subscriber
	Next        string // the next page's cursor; empty: this was the last
}

// Subscribers answers: whose subscriptions to this version of a plan run?
func (d *DB) Subscribers(ctx context.Context, plan events.PlanID, version int, cursor string, size int) (SubscriberPage, error) {
	of, before := listOf("subscribers", plan, version), newest()
	if err := of.after(cursor, &before); err != nil {
		return SubscriberPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Subscribers(ctx, db.SubscribersParams{
		PlanID: string(plan), PlanVersion: int64(version), BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1),
	})
	if err != nil {
		return SubscriberPage{}, failed("query a plan's subscribers", err, nil)
	}
	var page SubscriberPage
	page.Subscribers, page.Next = pageOf(of, rows, size, func(r db.SubscribersRow) (Subscriber, key) {
		return Subscriber{
			Player: events.PlayerID(r.PlayerID), Subscription: events.SubscriptionID(r.SubscriptionID), State: SubscriptionState(r.State),
			StartedAt: r.StartedAt.UTC(), Period: int(r.Period), PeriodTo: r.PeriodTo.UTC(),
		}, &byTime{r.StartedAt, r.SubscriptionID}
	})
	return page, nil
}
