package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// End asks for a session's end: by its player, or by a policy for whom a limit
// is reached. A session that no worker holds is over at once; otherwise the
// worker cleans up first.
type End struct {
	Session events.SessionID
	By      events.PlayerID // empty: a policy
	Reason  events.EndReason
}

func (c End) Target() events.Stream { return events.SessionStream(c.Session) }

func (c End) Decide(s State, now time.Time) ([]events.Event, error) {
	by := c.By
	if by == "" {
		by = s.Player
	}
	if err := s.owned(by); err != nil {
		return nil, err
	}
	if s.Phase == events.SessionIsRequested || s.Phase == events.SessionIsQueued {
		return []events.Event{events.SessionEnded{Session: c.Session, Reason: c.Reason, At: now}}, nil
	}
	return []events.Event{events.SessionEnding{Session: c.Session, Reason: c.Reason, Closed: s.closing(now), At: now}}, nil
}
