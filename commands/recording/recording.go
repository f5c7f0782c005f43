// Package recording decides on what becomes of a recording. That a session is
// recorded, and until when, is the session's to decide (session.Record,
// session.StopRecording); here is what its worker has made of that, and what
// the player does with it.
//
// The worker reports Open, Progress, Finish and Fail; the player asks for Cut
// and Delete; policies issue Fail for a worker that is lost, and Delete when a
// recording has been kept for long enough. Erase reports that the media are gone.
package recording

import (
	"cmp"
	"time"

	"github.com/playcast/playcast/events"
)

// State is a recording as its stream tells it.
type State struct {
	Phase   events.RecordingState
	Player  events.PlayerID
	Worker  events.WorkerID
	Footage events.Footage
	Clips   map[events.ClipID]events.ClipCut // never changed in place
}

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.RecordingOpened:
		s.Phase, s.Player, s.Worker = events.RecordingIsOpen, e.Player, e.Worker
	case events.RecordingProgressed:
		s.Footage = e.Footage
	case events.RecordingFinished:
		s.Phase, s.Footage = events.RecordingIsFinished, e.Footage
	case events.RecordingFailed:
		s.Phase, s.Footage = events.RecordingIsFailed, e.Footage
	case events.ClipCut:
		clips := map[events.ClipID]events.ClipCut{e.Clip: e}
		for id, clip := range s.Clips {
			clips[id] = clip
		}
		s.Clips = clips
	case events.RecordingDeleted:
		s.Phase = events.RecordingIsDeleted
	case events.RecordingErased:
		s.Phase = events.RecordingIsErased
	}
	return s
}

// What commands on a recording refuse.
var (
	ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-recording",
		Message: "There is no such recording."}
	ErrNotYours = &events.Fault{Kind: events.Forbidden, Code: "recording-not-yours",
		Message: "This recording belongs to another player."}
	ErrNotHeld = &events.Fault{Kind: events.Forbidden, Code: "recording-not-held",
		Message: "This worker does not make the recording."}
	ErrStillOpen = &events.Fault{Kind: events.Conflict, Code: "recording-not-finished",
		Message: "The session is still being recorded. Stop that first."}
)

// owned refuses a player's wish on a recording that is not there, or not
// theirs, or not whole yet. By is empty for a policy.
func (s State) owned(by events.PlayerID) error {
	switch {
	case s.Phase == events.RecordingNone, s.Phase == events.RecordingIsDeleted, s.Phase == events.RecordingIsErased:
		return ErrUnknown
	case by != "" && s.Player != by:
		return ErrNotYours
	case s.Phase == events.RecordingIsOpen:
		return ErrStillOpen
	}
	return nil
}

// held refuses what another worker says than the one that opened it. By is empty
// for a policy.
func (s State) held(by events.WorkerID) error {
	switch {
	case s.Phase == events.RecordingNone:
		return ErrUnknown
	case by != "" && s.Worker != by:
		return ErrNotHeld
	}
	return nil
}

// further is what is kept at the end of a recording: at least what was kept
// before, whoever tells.
func (s State) further(told events.Footage) events.Footage {
	return events.Footage{
		Length:   max(s.Footage.Length, told.Length),
		Bytes:    max(s.Footage.Bytes, told.Bytes),
		Segments: max(s.Footage.Segments, told.Segments),
	}
}

// Open reports that a session's worker begins to write its recording.
type Open struct {
	Recording events.RecordingID
	Session   events.SessionID
	Player    events.PlayerID
	Game      events.GameID
	Title     string
	Worker    events.WorkerID
}

func (c Open) Target() events.Stream { return events.RecordingStream(c.Recording) }

func (c Open) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase != events.RecordingNone {
		return nil, s.held(c.Worker)
	}
	if err := cmp.Or(events.CheckIDs(c.Player), events.CheckIDs(c.Game), events.CheckIDs(c.Worker)); err != nil {
		return nil, err
	}
	return []events.Event{events.RecordingOpened{
		Recording: c.Recording, Session: c.Session, Player: c.Player, Game: c.Game, Title: c.Title, Worker: c.Worker, At: now,
	}}, nil
}
