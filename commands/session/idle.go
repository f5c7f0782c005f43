package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Idle reports that there has been no input for some time. It is said once when
// that begins; what is not played can't be idle.
type Idle struct {
	Session events.SessionID
	For     time.Duration
}

func (i Idle) Target() events.Stream { return events.SessionStream(i.Session) }

func (i Idle) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if s.Phase != events.SessionIsActive || s.Watch.Idle {
		return nil, nil
	}
	since := now.Add(-max(0, i.For))
	if since.Before(s.Since) {
		since = s.Since
	}
	return []events.Event{events.SessionIdled{Session: i.Session, Since: since, At: now}}, nil
}

// Active reports that there is input again.
type Active struct {
	Session events.SessionID
}

func (a Active) Target() events.Stream { return events.SessionStream(a.Session) }

func (a Active) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if !s.Watch.Idle {
		return nil, nil
	}
	return []events.Event{events.SessionRoused{Session: a.Session, At: now}}, nil
}
