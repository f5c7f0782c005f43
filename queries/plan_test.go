package queries_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

func TestPlans(t *testing.T) {
	p := newProjected(t)
	cheap := offer(1)
	cheap.Plan, cheap.Terms.Price, cheap.Terms.Overage = "basic", eur(500), events.Money{}
	p.happened(queries.ViewPlan, events.PlanStream("plus"),
		events.PlanPublished{Offer: offer(1), At: noon}, events.PlanPublished{Offer: offer(2), At: noon}, events.PlanWithdrawn{Plan: "plus", Version: 1, At: noon.Add(hour)})
	p.happened(queries.ViewPlan, events.PlanStream("basic"), events.PlanPublished{Offer: cheap, At: noon})
	p.subscribed()
	var offered []events.Offer
	for cursor := ""; ; {
		page, err := p.db.Plans(t.Context(), cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, plan := range page.Plans {
			offered = append(offered, plan.Offer)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]events.Offer{cheap, offer(2)}, offered); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
	withdrawn := noon.Add(hour)
	got, err := p.db.Plan(t.Context(), "plus", 1)
	if want := (queries.Plan{Offer: offer(1), PublishedAt: noon, WithdrawnAt: &withdrawn, Subscribers: 1, Position: 3}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("what is withdrawn: %v %s", err, cmp.Diff(want, got))
	}
	versions, err := p.db.PlanVersions(t.Context(), "plus", "", 1)
	if err != nil || len(versions.Plans) != 1 || versions.Plans[0].Version != 2 {
		t.Fatalf("%+v, %v", versions, err)
	}
	versions, err = p.db.PlanVersions(t.Context(), "plus", versions.Next, 1)
	if err != nil || len(versions.Plans) != 1 || versions.Plans[0].Version != 1 || versions.Next != "" {
		t.Errorf("%+v, %v", versions, err)
	}
	for _, version := range []int{0, 3, 1 + 1<<32} {
		if _, err := p.db.Plan(t.Context(), "plus", version); !errors.Is(err, queries.ErrPlanUnknown) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}
