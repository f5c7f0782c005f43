package plan

import (
	"errors"
	"time"

	"github.com/playcast/playcast/events"
)

// Withdraw takes a version out of the offer.
type Withdraw struct {
	Plan    events.PlanID
	Version int
}

func (c Withdraw) Target() events.Stream { return events.PlanStream(c.Plan) }

func (c Withdraw) Decide(s State, now time.Time) ([]events.Event, error) {
	_, err := s.Offer(c.Version)
	switch {
	case errors.Is(err, ErrWithdrawn):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []events.Event{events.PlanWithdrawn{Plan: c.Plan, Version: c.Version, At: now}}, nil
}
