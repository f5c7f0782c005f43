package player

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// steps are the minutes before the end at which a player is warned.
var steps = []int{60, 30, 15, 5}

// ErrStep refuses a warning that is none of the steps.
var ErrStep = &events.Fault{Kind: events.Invalid, Code: "warning-invalid",
	Message: "Players are warned 60, 30, 15 and 5 minutes before their time is up."}

// Warn says that a player's time is nearly up. A step is said once of an end,
// and none of the earlier ones after it.
type Warn struct {
	Player  events.PlayerID
	Session events.SessionID
	Left    int
	Until   time.Time
}

func (c Warn) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Warn) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if !slices.Contains(steps, c.Left) {
		return nil, ErrStep
	}
	if w := s.Warned; w.Session == c.Session && w.Until.Equal(c.Until) && w.Left <= c.Left {
		return nil, nil
	}
	return decided(events.ParentalTimeWarned{Player: c.Player, Session: c.Session, Left: c.Left, Until: c.Until, At: now})
}
