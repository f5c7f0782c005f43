package plan

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Publish offers terms as the plan's next version. The latest ones, as long as
// they are offered, are not offered again.
type Publish struct {
	Plan  events.PlanID
	Terms events.Terms
}

func (c Publish) Target() events.Stream { return events.PlanStream(c.Plan) }

func (c Publish) Decide(s State, now time.Time) ([]events.Event, error) {
	next := events.Offer{Plan: c.Plan, Version: s.Latest.Version + 1, Terms: c.Terms}
	if err := next.Check(); err != nil {
		return nil, err
	}
	if s.Latest.Version > 0 && c.Terms.Price.Currency != s.Latest.Terms.Price.Currency {
		return nil, events.ErrCurrency.With("A plan keeps its currency. Publish another plan for another one.")
	}
	if latest, err := s.Offer(s.Latest.Version); err == nil && latest.Terms == c.Terms {
		return nil, nil
	}
	if len(s.offered) >= mostOffered {
		return nil, ErrOffered
	}
	return []events.Event{events.PlanPublished{Offer: next, At: now}}, nil
}
