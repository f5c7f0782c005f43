package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Pause stops the game and the metering until the player resumes.
type Pause struct {
	Session events.SessionID
	By      events.PlayerID
}

func (p Pause) Target() events.Stream { return events.SessionStream(p.Session) }

func (p Pause) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(p.By); err != nil {
		return nil, err
	}
	switch s.Phase {
	case events.SessionIsPaused:
		return nil, nil
	case events.SessionIsActive, events.SessionIsBroken:
		return []events.Event{events.SessionPaused{Session: p.Session, Closed: s.closing(now), At: now}}, nil
	}
	return nil, ErrNotNow.With("Only a session that is being played can be paused; this one is " + string(s.Phase) + ".")
}
