package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// planView is what is offered, and what was.
type planView struct {
	versions *Table[versionKey, planRow]
}

var _ View = (*planView)(nil)

type planRow struct {
	Plan        events.PlanID   `db:"plan_id,key"`
	Version     int             `db:"version,key"`
	Price       int64           `db:"price"`
	Overage     int64           `db:"overage"`
	Currency    events.Currency `db:"currency"`
	Interval    events.Interval `db:"length"`
	IncludedMs  int64           `db:"included_ms"`
	RolloverMs  int64           `db:"rollover_ms"`
	AtOnce      int             `db:"at_once"`
	LongestMs   int64           `db:"longest_ms"`
	Resolution  int             `db:"resolution"`
	Priority    int             `db:"priority"`
	PublishedAt time.Time       `db:"published_at"`
	WithdrawnAt time.Time       `db:"withdrawn_at,null"`
	Position    int64           `db:"position"`
}

func newPlanView() View {
	return &planView{versions: NewTable("plan_version", func(r *planRow) versionKey { return versionKey{r.Plan, r.Version} })}
}

func (*planView) Name() string     { return "plan" }
func (*planView) Version() int     { return 1 }
func (v *planView) Tables() []Rows { return []Rows{v.versions} }

func (*planView) Wants() []events.Event {
	return []events.Event{events.PlanPublished{}, events.PlanWithdrawn{}}
}

func (v *planView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.PlanPublished:
		t := e.Offer.Terms
		v.versions.Put(planRow{
			Plan: e.Offer.Plan, Version: e.Offer.Version, Price: t.Price.Amount, Overage: t.Overage.Amount, Currency: t.Price.Currency,
			Interval: t.Interval, IncludedMs: ms(t.Included), RolloverMs: ms(t.Rollover), AtOnce: t.Access.Sessions,
			LongestMs: ms(t.Access.Longest), Resolution: t.Access.Resolution, Priority: t.Access.Priority,
			PublishedAt: e.At, Position: n.Position,
		})
	case events.PlanWithdrawn:
		return v.versions.Change(versionKey{e.Plan, e.Version}, func(r *planRow) { r.WithdrawnAt, r.Position = e.At, n.Position })
	}
	return nil
}
