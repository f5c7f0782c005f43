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
		return []events.Event{events.SessionResumed{Session: r.Session, Segment: s.Segment + 1, At: now}}, nil
	}
	return nil, ErrNotNow.With("Only a paused session can be resumed; this one is " + string(s.Phase) + ".")
}
