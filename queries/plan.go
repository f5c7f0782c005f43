package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// ErrPlanUnknown says that no version of a plan is the one that was asked for.
var ErrPlanUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-plan-version",
	Message: "There is no such version of a plan. Look at those that are offered."}

// Plan is a version of one.
type Plan struct {
	events.Offer
	PublishedAt time.Time
	WithdrawnAt *time.Time // nil: it is offered
	Subscribers int64      // whose subscriptions run
	Position    events.Position
}

// PlanPage is some versions of plans.
type PlanPage struct {
	Plans []Plan
	Next  string // the next page's cursor; empty: this was the last
}

// Plans answers: what is offered? The cheapest comes first.
func (d *DB) Plans(ctx context.Context, cursor string, size int) (PlanPage, error) {
	of, after := listOf("plans"), byPrice{price: -1}
	if err := of.after(cursor, &after); err != nil {
		return PlanPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.OfferedPlans(ctx, db.OfferedPlansParams{
		AfterPrice: after.price, AfterPlan: after.plan, AfterVersion: after.version, PageSize: int32(size + 1),
	})
	if err != nil {
		return PlanPage{}, failed("query the plans", err, nil)
	}
	var page PlanPage
	page.Plans, page.Next = pageOf(of, rows, size, func(r db.OfferedPlansRow) (Plan, key) {
		return planOf(r.ReadPlanVersion, r.Subscribers), &byPrice{r.ReadPlanVersion.Price, r.ReadPlanVersion.PlanID, r.ReadPlanVersion.Version}
	})
	return page, nil
}

// PlanVersions answers: which versions of the plan are there, and were there?
// The last comes first.
func (d *DB) PlanVersions(ctx context.Context, plan events.PlanID, cursor string, size int) (PlanPage, error) {
	of, before := listOf("plan-versions", plan), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return PlanPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.PlanVersions(ctx, db.PlanVersionsParams{PlanID: string(plan), Before: before.position, PageSize: int32(size + 1)})
	if err != nil {
		return PlanPage{}, failed("query the versions of a plan", err, nil)
	}
	var page PlanPage
	page.Plans, page.Next = pageOf(of, rows, size, func(r db.PlanVersionsRow) (Plan, key) {
		return planOf(r.ReadPlanVersion, r.Subscribers), &byPosition{r.ReadPlanVersion.Version}
	})
	return page, nil
}

// Plan answers: what is this version of the plan?
func (d *DB) Plan(ctx context.Context, plan events.PlanID, version int) (Plan, error) {
	row, err := d.q.PlanVersion(ctx, db.PlanVersionParams{PlanID: string(plan), Version: int64(version)})
	if err != nil {
		return Plan{}, failed("query the plan", err, ErrPlanUnknown)
	}
	return planOf(row.ReadPlanVersion, row.Subscribers), nil
}

// byPrice is the key of what is offered.
type byPrice struct {
	price   int64
	plan    string
	version int64
}

func (k *byPrice) code(c *coder) { c.number(&k.price); c.text(&k.plan); c.number(&k.version) }

func planOf(p db.ReadPlanVersion, subscribers int64) Plan {
	return Plan{
		Offer: events.Offer{Plan: events.PlanID(p.PlanID), Version: int(p.Version), Terms: termsOf(terms{
			p.Price, p.Overage, p.Currency, p.Length, p.IncludedMs, p.RolloverMs, p.AtOnce, p.LongestMs, p.Resolution, p.Priority})},
		PublishedAt: p.PublishedAt.UTC(), WithdrawnAt: utc(p.WithdrawnAt), Subscribers: subscribers, Position: events.Position(p.Position),
	}
}

// terms is the same columns of a plan and of a subscription.
type terms struct {
	price, overage         int64
	currency, length       string
	includedMs, rolloverMs int64
	atOnce                 int32
	longestMs              int64
	resolution, priority   int32
}

func termsOf(t terms) events.Terms {
	of := events.Terms{
		Price: money(t.price, &t.currency), Interval: events.Interval(t.length),
		Included: milliseconds(t.includedMs), Rollover: milliseconds(t.rolloverMs),
		Access: events.Access{Sessions: int(t.atOnce), Longest: milliseconds(t.longestMs), Resolution: int(t.resolution), Priority: int(t.priority)},
	}
	if t.overage > 0 {
		of.Overage = money(t.overage, &t.currency)
	}
	return of
}
