package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Ready reports that the game draws and how its picture is sent.
type Ready struct {
	Session   events.SessionID
	Width     int
	Height    int
	FrameRate int
	Encoder   string
}

func (r Ready) Target() events.Stream { return events.SessionStream(r.Session) }

func (r Ready) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.running(); err != nil {
		return nil, err
	}
	if s.Phase != events.SessionIsLaunching {
		return nil, nil
	}
	return []events.Event{events.SessionReady{
		Session: r.Session, Width: r.Width, Height: r.Height, FrameRate: r.FrameRate, Encoder: r.Encoder, At: now,
	}}, nil
}
