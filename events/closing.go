package events

import "time"

// Closing is an event after which a session is not played: it closes the segment
// of play that was open, if one was.
type Closing struct {
	Session SessionID
	Segment *Segment // nil: none was open
	Over    bool     // nothing of the session follows
	At      time.Time
}

// ClosingOf returns what an event closes; false where it is none that can.
func ClosingOf(e Event) (Closing, bool) {
	switch e := e.(type) {
	case SessionPaused:
		return Closing{e.Session, e.Closed, false, e.At}, true
	case SessionInterrupted:
		return Closing{e.Session, e.Closed, false, e.At}, true
	case SessionEnding:
		return Closing{e.Session, e.Closed, false, e.At}, true
	case SessionEnded:
		return Closing{e.Session, e.Closed, true, e.At}, true
	case SessionFailed:
		return Closing{e.Session, e.Closed, true, e.At}, true
	}
	return Closing{}, false
}
