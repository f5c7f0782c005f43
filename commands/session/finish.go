package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Finish reports that the worker has stopped the game and freed everything:
// after an End, for that one's reason; otherwise of itself, for this one's.
type Finish struct {
	Session events.SessionID
	Reason  events.EndReason
}

func (f Finish) Target() events.Stream { return events.SessionStream(f.Session) }

func (f Finish) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase == events.SessionNone {
		return nil, ErrUnknown
	}
	if s.Phase.Over() {
		return nil, nil
	}
	reason := f.Reason
	if s.Phase == events.SessionIsEnding {
		reason = s.Reason
	}
	return []events.Event{events.SessionEnded{Session: f.Session, Reason: reason, Closed: s.closing(now), At: now}}, nil
}
