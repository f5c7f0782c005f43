package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Activate reports that the player's peer is connected: for the first time, or
// again after an interruption.
type Activate struct {
	Session events.SessionID
}

func (a Activate) Target() events.Stream { return events.SessionStream(a.Session) }

func (a Activate) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	switch s.Phase {
	case events.SessionIsReady, events.SessionIsBroken:
		return []events.Event{events.SessionActivated{Session: a.Session, Segment: s.Segment + 1, At: s.next(now)}}, nil
	case events.SessionIsActive, events.SessionIsPaused, events.SessionIsEnding:
		return nil, nil
	}
	return nil, ErrNotNow
}
