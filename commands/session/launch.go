package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Launch reports that the worker has started the display and the game.
type Launch struct {
	Session events.SessionID
}

func (l Launch) Target() events.Stream { return events.SessionStream(l.Session) }

func (l Launch) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if s.Phase != events.SessionIsAllocated {
		return nil, nil
	}
	return []events.Event{events.SessionLaunched{Session: l.Session, At: now}}, nil
}
