package catalog

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Rating is what one player thinks of one game. Each has a stream of its own, so
// that a game that many rate is no longer to fold than one that nobody does.
type Rating struct{ Stars int }

// Evolve returns the rating after an event.
func (r Rating) Evolve(e events.Event) Rating {
	switch e := e.(type) {
	case events.GameRated:
		r.Stars = e.Stars
	case events.GameRatingWithdrawn:
		r.Stars = 0
	}
	return r
}

// ErrStars refuses what is no rating.
var ErrStars = &events.Fault{Kind: events.Invalid, Code: "stars-invalid",
	Message: "A game gets 1 to 5 stars."}

// Rate gives a game a player's stars, instead of those that they had given. The
// caller looks the game up.
type Rate struct {
	Game   events.GameID
	Player events.PlayerID
	Stars  int
}

func (c Rate) Target() events.Stream { return events.RatingStream(c.Game, c.Player) }

func (c Rate) Decide(r Rating, now time.Time) ([]events.Event, error) {
	if c.Stars < 1 || c.Stars > 5 {
		return nil, ErrStars
	}
	if r.Stars == c.Stars {
		return nil, nil
	}
	return []events.Event{events.GameRated{Game: c.Game, Player: c.Player, Stars: c.Stars, Before: r.Stars, At: now}}, nil
}

// TakeBack withdraws a player's stars.
type TakeBack struct {
	Game   events.GameID
	Player events.PlayerID
}

func (c TakeBack) Target() events.Stream { return events.RatingStream(c.Game, c.Player) }

func (c TakeBack) Decide(r Rating, now time.Time) ([]events.Event, error) {
	if r.Stars == 0 {
		return nil, nil
	}
	return []events.Event{events.GameRatingWithdrawn{Game: c.Game, Player: c.Player, Before: r.Stars, At: now}}, nil
}
