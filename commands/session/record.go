package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What Record refuses.
var (
	ErrNoConsent = &events.Fault{Kind: events.Invalid, Code: "consent-missing",
		Message: "A session is recorded only with consent. Ask for it, and send it along."}
	ErrRecorded = &events.Fault{Kind: events.Conflict, Code: "recorded-already",
		Message: "This session is being recorded already. Stop that recording first."}
)

// Record has the session recorded from now on, with the consent of its player.
type Record struct {
	Session   events.SessionID
	By        events.PlayerID
	Recording events.RecordingID
	Consent   bool // was given, for this recording
}

func (r Record) Target() events.Stream { return events.SessionStream(r.Session) }

func (r Record) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(r.By); err != nil {
		return nil, err
	}
	switch {
	case !r.Consent:
		return nil, ErrNoConsent
	case s.Recording == r.Recording:
		return nil, nil
	case !s.Recording.IsZero():
		return nil, ErrRecorded
	case s.Phase != events.SessionIsActive:
		return nil, ErrNotNow.With("Only a session that is being played can be recorded; this one is " + string(s.Phase) + ".")
	}
	return []events.Event{events.SessionRecordingStarted{
		Session: r.Session, Recording: r.Recording, By: r.By, At: now,
	}}, nil
}

// StopRecording ends the recording of the session: for its player, whichever it
// is, or for a policy, when that one has ended of itself.
type StopRecording struct {
	Session   events.SessionID
	By        events.PlayerID    // empty: a policy
	Recording events.RecordingID // zero: the one that is being made
}

func (r StopRecording) Target() events.Stream { return events.SessionStream(r.Session) }

func (r StopRecording) Decide(s State, now time.Time) ([]events.Event, error) {
	by := r.By
	if by == "" {
		by = s.Player
	}
	if err := s.owned(by); err != nil {
		return nil, err
	}
	if s.Recording.IsZero() || !r.Recording.IsZero() && r.Recording != s.Recording {
		return nil, nil
	}
	return []events.Event{events.SessionRecordingStopped{Session: r.Session, Recording: s.Recording, By: r.By, At: now}}, nil
}
