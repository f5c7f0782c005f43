package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Fail reports that the session broke. When its worker was lost, play ends at
// the last moment at which the session was known to run, so that lost time is
// not billed.
type Fail struct {
	Session events.SessionID
	Cause   events.FailureCause
	Detail  string
}

func (f Fail) Target() events.Stream { return events.SessionStream(f.Session) }

func (f Fail) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase == events.SessionNone {
		return nil, ErrUnknown
	}
	if s.Phase.Over() {
		return nil, nil
	}
	played := now
	if f.Cause == events.FailedWorker {
		played = earlier(now, s.Seen)
	}
	return []events.Event{events.SessionFailed{
		Session: f.Session, Cause: f.Cause, Detail: f.Detail, Closed: s.closing(played), At: now,
	}}, nil
}
