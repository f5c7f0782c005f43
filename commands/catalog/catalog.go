// Package catalog decides on the games that can be played.
package catalog

import "github.com/playcast/playcast/events"

// State is a game as its stream tells it.
type State struct {
	Published bool
	Game      events.Game
	Reason    string // why the game can't be played for now; empty: it can

	MinimumAge int // of who may play it, in years
}

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.GamePublished:
		s.Published, s.Game, s.Reason = true, e.Game, ""
	case events.GameChanged:
		s.Game = e.Game
	case events.GameWithdrawn:
		s.Published = false
	case events.GameBecameUnavailable:
		s.Reason = e.Reason
	case events.GameBecameAvailable:
		s.Reason = ""
	case events.AgeLimitChanged:
		s.MinimumAge = e.Minimum
	}
	return s
}
