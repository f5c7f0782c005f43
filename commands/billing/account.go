// Package billing decides on players' accounts. Playtime is metered by session
// and segment, so that a segment is on an account once.
package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Account is a player's account as its stream tells it. Evolve adds to metered
// in place, so an earlier value of a fold is not to be used after a later one.
type Account struct {
	Open    bool
	Played  time.Duration
	metered map[segmentKey]struct{}
}

type segmentKey struct {
	session events.SessionID
	number  int
}

// Evolve returns the state after an event.
func (a Account) Evolve(e events.Event) Account {
	switch e := e.(type) {
	case events.AccountOpened:
		a.Open = true
	case events.PlaytimeMetered:
		a.Played += e.Segment.Duration()
		if a.metered == nil {
			a.metered = map[segmentKey]struct{}{}
		}
		a.metered[segmentKey{e.Session, e.Segment.Number}] = struct{}{}
	}
	return a
}
