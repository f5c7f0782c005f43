package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Queue lets a requested session wait until a slot is free.
type Queue struct {
	Session events.SessionID
}

func (q Queue) Target() events.Stream { return events.SessionStream(q.Session) }

func (q Queue) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if s.Phase != events.SessionIsRequested {
		return nil, nil
	}
	return []events.Event{events.SessionQueued{Session: q.Session, At: now}}, nil
}
