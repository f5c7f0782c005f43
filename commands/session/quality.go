package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ReportQuality reports the figures of one window of play. A window that
// comes after the end is left out.
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
	if s.Phase != events.SessionIsActive || r.To.Before(s.Seen) {
		return nil, nil
	}
	return []events.Event{events.QualityReported{
		Session: r.Session, From: r.From, To: r.To, Quality: r.Quality, At: now,
	}}, nil
}
