package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Resume goes on after a pause.
type Resume struct {
	Session events.SessionID
	By      events.PlayerID
}

func (r Resume) Target() events.Stream { return events.SessionStream(r.Session) }

func (r Resume) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(r.By); err != nil {
		return nil, err
	}
	switch s.Phase {
	case events.SessionIsActive:
		return nil, nil
	case events.SessionIsPaused:
		return []events.Event{events.SessionResumed{Session: r.Session, Segment: s.Segment + 1, At: s.next(now)}}, nil
	}
	return nil, ErrNotNow.With("Only a paused session can be resumed; this one is " + string(s.Phase) + ".")
}
