// Package plan decides on plans: versions of terms that can be subscribed to.
//
//	Publish ─▶ offered ── Withdraw ─▶ withdrawn
//
// A version never changes: other terms are the next one. Subscriptions copy the
// terms, so that what becomes of a version is nothing to them.
package plan

import "github.com/playcast/playcast/events"

// State is a plan as its stream tells it.
type State struct {
	Latest  events.Offer // zero: never published
	offered []events.Offer
}

// mostOffered bounds the versions that can be subscribed to.
const mostOffered = 50

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.PlanPublished:
		s.Latest = e.Offer
		s.offered = append(s.offered[:len(s.offered):len(s.offered)], e.Offer)
	case events.PlanWithdrawn:
		var left []events.Offer
		for _, offer := range s.offered {
			if offer.Version != e.Version {
				left = append(left, offer)
			}
		}
		s.offered = left
	}
	return s
}

// Offer is a version that can be subscribed to; ErrUnknown or ErrWithdrawn.
func (s State) Offer(version int) (events.Offer, error) {
	for _, offer := range s.offered {
		if offer.Version == version {
			return offer, nil
		}
	}
	if version < 1 || version > s.Latest.Version {
		return events.Offer{}, ErrUnknown
	}
	return events.Offer{}, ErrWithdrawn
}

// What is refused of versions.
var (
	ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "plan-unknown",
		Message: "There is no such version of the plan. Look at those that are offered."}
	ErrWithdrawn = &events.Fault{Kind: events.Conflict, Code: "plan-withdrawn",
		Message: "This version of the plan is not offered any more. Choose another one."}
	ErrOffered = &events.Fault{Kind: events.TooMany, Code: "plan-too-many-versions",
		Message: "50 versions of the plan are offered. Withdraw one first."}
)
