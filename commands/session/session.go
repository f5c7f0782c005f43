// Package session decides on the life of a game session, from its request to
// its end. events.SessionState has the picture.
//
// The player asks for Request, Pause, Resume, End, Record and StopRecording, and
// as a host who shares the session for Invite, Withdraw, Leave and Control; who
// is invited asks for Join and Leave. Nothing of guests is metered. The worker
// that holds the session reports Launch, Ready, Activate, Adapt, Interrupt,
// ReportQuality, Idle, Active, Finish and Fail; policies issue Queue, Allocate,
// Warn before a limit of the plan is reached, and End or Fail when a time is up.
package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// State is a session as its stream tells it.
type State struct {
	Phase   events.SessionState
	Player  events.PlayerID
	Game    events.GameID
	Worker  events.WorkerID
	Picture Picture          // once ready
	Segment int              // number of the last segment of active play
	Since   time.Time        // start of the open segment, while active; else end of the last
	Seen    time.Time        // when the session was last known to run
	Reason  events.EndReason // once ending

	Recording events.RecordingID // that is being made; zero: none
	People    People             // beside the player, until the end
	Watch     Watch              // what its plan allows, and what was said of it
}

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	s.Watch = s.Watch.evolve(e)
	if closing, _ := events.ClosingOf(e); closing.Segment != nil {
		s.Since = closing.Segment.To
	}
	switch e := e.(type) {
	case events.SessionRequested:
		s = State{Phase: events.SessionIsRequested, Player: e.Player, Game: e.Game, Seen: e.At, Watch: Watch{Terms: e.Terms}}
	case events.SessionQueued:
		s.Phase, s.Seen = events.SessionIsQueued, e.At
	case events.SessionAllocated:
		s.Phase, s.Worker, s.Seen = events.SessionIsAllocated, e.Worker, e.At
	case events.SessionLaunched:
		s.Phase, s.Seen = events.SessionIsLaunching, e.At
	case events.SessionReady:
		s.Phase, s.Seen = events.SessionIsReady, e.At
		s.Picture = Picture{Width: e.Width, Height: e.Height, FrameRate: e.FrameRate, Encoder: e.Encoder}
	case events.PictureAdapted:
		s.Picture = pictureOf(e)
	case events.SessionActivated:
		s.Phase, s.Segment, s.Since, s.Seen = events.SessionIsActive, e.Segment, e.At, e.At
	case events.SessionPaused:
		s.Phase, s.Seen = events.SessionIsPaused, e.At
	case events.SessionResumed:
		s.Phase, s.Segment, s.Since, s.Seen = events.SessionIsActive, e.Segment, e.At, e.At
	case events.SessionInterrupted:
		s.Phase, s.Seen = events.SessionIsBroken, e.At
	case events.QualityReported:
		s.Seen = earlier(e.To, e.At) // the worker's clock may be ahead
	case events.SessionRecordingStarted:
		s.Recording = e.Recording
	case events.SessionRecordingStopped:
		s.Recording = events.RecordingID{}
	case events.SessionEnding:
		s.Phase, s.Reason, s.Seen, s.People = events.SessionIsEnding, e.Reason, e.At, People{}
	case events.SessionEnded:
		s.Phase, s.Reason, s.Seen, s.People = events.SessionIsEnded, e.Reason, e.At, People{}
	case events.SessionFailed:
		s.Phase, s.Seen, s.People = events.SessionIsFailed, e.At, People{}
	default:
		s.People = s.People.evolve(e)
	}
	if s.Phase == events.SessionIsEnding || s.Phase.Over() {
		s.Recording = events.RecordingID{} // it ends with the session
	}
	return s
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// next returns when the next segment begins if play goes on at a time. A clock
// that went back begins it where the last one ended.
func (s State) next(at time.Time) time.Time {
	if at.Before(s.Since) {
		return s.Since
	}
	return at
}

// closing returns the open segment as it ends at a time, or nil where none is
// open. A clock that went back closes it empty.
func (s State) closing(at time.Time) *events.Segment {
	if s.Phase != events.SessionIsActive {
		return nil
	}
	if at.Before(s.Since) {
		at = s.Since
	}
	return &events.Segment{Number: s.Segment, From: s.Since, To: at}
}

// What commands on a session refuse.
var (
	ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-session",
		Message: "There is no such session."}
	ErrNotYours = &events.Fault{Kind: events.Forbidden, Code: "session-not-yours",
		Message: "This session belongs to another player."}
	ErrOver = &events.Fault{Kind: events.Conflict, Code: "session-over",
		Message: "This session has ended already. Start a new one from the library."}
	ErrNotNow = &events.Fault{Kind: events.Conflict, Code: "session-not-now",
		Message: "The session is not in a state for that. Look at its state and try again."}
)

// owned refuses a player's wish on a session that is not there, that is
// somebody else's, or that has come to its end.
func (s State) owned(by events.PlayerID) error {
	switch {
	case s.Phase == events.SessionNone:
		return ErrUnknown
	case s.Player != by:
		return ErrNotYours
	case s.Phase.Over() || s.Phase == events.SessionIsEnding:
		return ErrOver
	}
	return nil
}

// running refuses what can't be in a session that is not there or over.
func (s State) running() error {
	switch {
	case s.Phase == events.SessionNone:
		return ErrUnknown
	case s.Phase.Over():
		return ErrOver
	}
	return nil
}
