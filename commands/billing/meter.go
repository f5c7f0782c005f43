package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrSegment refuses a segment that can't have been played.
var ErrSegment = &events.Fault{Kind: events.Invalid, Code: "segment-invalid",
	Message: "A segment of play has a number from 1 and ends no earlier than it begins."}

// Meter puts a segment of play on the player's account, and opens the account
// with the first one. A segment that is there already is left alone.
type Meter struct {
	Player  events.PlayerID
	Session events.SessionID
	Game    events.GameID
	Segment events.Segment
}

func (m Meter) Target() events.Stream { return events.AccountStream(m.Player) }

func (m Meter) Decide(a Account, now time.Time) ([]events.Event, error) {
	if m.Segment.Number < 1 || m.Segment.To.Before(m.Segment.From) {
		return nil, ErrSegment
	}
	if _, done := a.metered[segmentKey{m.Session, m.Segment.Number}]; done {
		return nil, nil
	}
	metered := events.PlaytimeMetered{Player: m.Player, Session: m.Session, Game: m.Game, Segment: m.Segment, At: now}
	if a.Open {
		return []events.Event{metered}, nil
	}
	return []events.Event{events.AccountOpened{Player: m.Player, At: now}, metered}, nil
}
