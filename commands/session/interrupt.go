package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Interrupt reports that the player's peer is lost. It may come back within
// the grace time. Play ends where the peer fell silent, so that the time until
// that was noticed is not billed.
type Interrupt struct {
	Session events.SessionID
	Cause   string
	Silence time.Duration
}

func (i Interrupt) Target() events.Stream { return events.SessionStream(i.Session) }

func (i Interrupt) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if s.Phase != events.SessionIsActive {
		return nil, nil
	}
	return []events.Event{events.SessionInterrupted{Session: i.Session, Cause: i.Cause, Closed: s.closing(now.Add(-max(0, i.Silence))), At: now}}, nil
}
