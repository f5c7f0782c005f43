package catalog

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What LimitAge refuses.
var (
	ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-game",
		Message: "There is no such game in the library."}
	ErrAge = &events.Fault{Kind: events.Invalid, Code: "age-limit-invalid",
		Message: "An age limit is 0 (none) to 18 years."}
	ErrOperators = &events.Fault{Kind: events.Forbidden, Code: "operators-only",
		Message: "Only an operator can do this. Ask one."}
)

// LimitAge keeps a game from players who are younger. The limit outlasts what is
// published of the game later.
type LimitAge struct {
	Game     events.GameID
	Minimum  int // years, as a board of ratings gives them; 0: anybody may
	By       events.Actor
	Operator bool // that By is one was found out by the issuer
}

func (c LimitAge) Target() events.Stream { return events.GameStream(c.Game) }

func (c LimitAge) Decide(s State, now time.Time) ([]events.Event, error) {
	switch {
	case !c.Operator || c.By == "":
		return nil, ErrOperators
	case !s.Published:
		return nil, ErrUnknown
	case c.Minimum < 0 || c.Minimum > 18:
		return nil, ErrAge
	case s.MinimumAge == c.Minimum:
		return nil, nil
	}
	return []events.Event{events.AgeLimitChanged{Game: c.Game, Minimum: c.Minimum, By: c.By, At: now}}, nil
}
