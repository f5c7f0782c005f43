package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Adapt reports that the picture is sent in another shape or by another
// encoder; Picture.At is left to the decision. It is the word of the worker
// that holds the session, while it does: what comes late is left out, and so
// is what changes nothing.
type Adapt struct {
	Worker  events.WorkerID
	Picture events.PictureAdapted
}

// ErrNotHeld refuses a worker's report on another worker's session.
var ErrNotHeld = &events.Fault{Kind: events.Forbidden, Code: "session-not-held",
	Message: "This worker does not hold the session."}

func (a Adapt) Target() events.Stream { return events.SessionStream(a.Picture.Session) }

func (a Adapt) Decide(s State, now time.Time) ([]events.Event, error) {
	switch s.Phase {
	case events.SessionNone:
		return nil, ErrUnknown
	case events.SessionIsReady, events.SessionIsActive, events.SessionIsPaused, events.SessionIsBroken:
	default:
		return nil, nil
	}
	if s.Worker != a.Worker {
		return nil, ErrNotHeld
	}
	// An encoder that failed may go on as it was: that is worth knowing.
	if pictureOf(a.Picture) == s.Picture && a.Picture.Cause != events.PictureEncoderFailed {
		return nil, nil
	}
	a.Picture.At = now
	return []events.Event{a.Picture}, nil
}

// Picture is how a session's picture is sent.
type Picture struct {
	Width, Height, FrameRate int
	Encoder                  string
}

func pictureOf(e events.PictureAdapted) Picture {
	return Picture{Width: e.Width, Height: e.Height, FrameRate: e.FrameRate, Encoder: e.Encoder}
}
