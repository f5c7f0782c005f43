package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ReportQuality reports the figures of one window of play. The last window
// before a pause or the end comes when that has begun; one that comes later is
// left out.
type ReportQuality struct {
	Session events.SessionID
	From    time.Time
	To      time.Time
	Quality events.Quality
}

func (r ReportQuality) Target() events.Stream { return events.SessionStream(r.Session) }

func (r ReportQuality) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase == events.SessionNone {
		return nil, ErrUnknown
	}
	switch s.Phase {
	case events.SessionIsActive, events.SessionIsPaused, events.SessionIsEnding:
	default:
		return nil, nil
	}
	if r.To.Before(s.Seen) {
		return nil, nil
	}
	return []events.Event{events.QualityReported{
		Session: r.Session, From: r.From, To: r.To, Quality: r.Quality, At: now,
	}}, nil
}
