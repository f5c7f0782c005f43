package recording

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Progress reports what is kept so far. What comes after the end is left out,
// and so is what tells nothing new.
type Progress struct {
	Recording events.RecordingID
	Worker    events.WorkerID
	Footage   events.Footage
}

func (c Progress) Target() events.Stream { return events.RecordingStream(c.Recording) }

func (c Progress) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.held(c.Worker); err != nil {
		return nil, err
	}
	if s.Phase != events.RecordingIsOpen || s.further(c.Footage) == s.Footage {
		return nil, nil
	}
	return []events.Event{events.RecordingProgressed{Recording: c.Recording, Footage: s.further(c.Footage), At: now}}, nil
}

// Finish reports that the recording is whole; At of the event is left to the
// decision.
type Finish struct {
	Worker   events.WorkerID
	Finished events.RecordingFinished
}

func (c Finish) Target() events.Stream { return events.RecordingStream(c.Finished.Recording) }

func (c Finish) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.held(c.Worker); err != nil {
		return nil, err
	}
	if s.Phase != events.RecordingIsOpen {
		return nil, nil
	}
	c.Finished.Footage, c.Finished.At = s.further(c.Finished.Footage), now
	return []events.Event{c.Finished}, nil
}

// Fail reports that the recording broke off. What is kept by then stays.
type Fail struct {
	Recording events.RecordingID
	Worker    events.WorkerID // empty: a policy, for a worker that is lost
	Cause     events.RecordingFault
	Detail    string
	Footage   events.Footage
}

func (c Fail) Target() events.Stream { return events.RecordingStream(c.Recording) }

func (c Fail) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.held(c.Worker); err != nil {
		return nil, err
	}
	if s.Phase != events.RecordingIsOpen {
		return nil, nil
	}
	return []events.Event{events.RecordingFailed{
		Recording: c.Recording, Cause: c.Cause, Detail: c.Detail, Footage: s.further(c.Footage), At: now,
	}}, nil
}

// Erase reports that the media of a deleted recording are gone.
type Erase struct {
	Recording events.RecordingID
}

func (c Erase) Target() events.Stream { return events.RecordingStream(c.Recording) }

func (c Erase) Decide(s State, now time.Time) ([]events.Event, error) {
	switch s.Phase {
	case events.RecordingIsErased:
		return nil, nil
	case events.RecordingIsDeleted:
		return []events.Event{events.RecordingErased{Recording: c.Recording, At: now}}, nil
	case events.RecordingNone:
		return nil, ErrUnknown
	}
	return nil, ErrKept
}

// ErrKept refuses to call a recording erased that nobody has deleted.
var ErrKept = &events.Fault{Kind: events.Conflict, Code: "recording-kept",
	Message: "This recording has not been deleted."}
