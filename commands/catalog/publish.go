package catalog

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrGame refuses a game that no session could show.
var ErrGame = &events.Fault{Kind: events.Invalid, Code: "game-invalid",
	Message: "A game needs a title, a command, an even size and a frame rate of 1 to 240."}

// Publish says what the catalog holds of a game and whether it can be played
// for now. What holds already is not said again.
type Publish struct {
	Game events.Game
	// Reason says, for people, why the game can't be played; empty: it can.
	Reason string
}

func (p Publish) Target() events.Stream { return events.GameStream(p.Game.ID) }

func (p Publish) Decide(s State, now time.Time) ([]events.Event, error) {
	if g := p.Game; g.Title == "" || len(g.Command) == 0 || g.Width < 2 || g.Height < 2 ||
		g.Width%2 != 0 || g.Height%2 != 0 || g.FrameRate < 1 || g.FrameRate > 240 {
		return nil, ErrGame
	}
	var decided []events.Event
	switch {
	case !s.Published:
		decided = append(decided, events.GamePublished{Game: p.Game, At: now})
		s.Reason = ""
	case !same(s.Game, p.Game):
		decided = append(decided, events.GameChanged{Game: p.Game, At: now})
	}
	switch {
	case p.Reason == s.Reason:
	case p.Reason == "":
		decided = append(decided, events.GameBecameAvailable{Game: p.Game.ID, At: now})
	default:
		decided = append(decided, events.GameBecameUnavailable{Game: p.Game.ID, Reason: p.Reason, At: now})
	}
	return decided, nil
}

// same compares as the log does, where an empty map and none are one.
func same(a, b events.Game) bool {
	left, leftErr := json.Marshal(a)
	right, rightErr := json.Marshal(b)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}

// Withdraw takes a game out of the catalog.
type Withdraw struct {
	Game events.GameID
}

func (w Withdraw) Target() events.Stream { return events.GameStream(w.Game) }

func (w Withdraw) Decide(s State, now time.Time) ([]events.Event, error) {
	if !s.Published {
		return nil, nil
	}
	return []events.Event{events.GameWithdrawn{Game: w.Game, At: now}}, nil
}
