package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// KeepSaves reports that the session's saves are stored; Kept.At is left to the
// decision. It is the word of the worker that holds the session, or held it:
// what is stored is stored.
type KeepSaves struct {
	Worker events.WorkerID
	Kept   events.SavesKept
}

func (k KeepSaves) Target() events.Stream { return events.SessionStream(k.Kept.Session) }

func (k KeepSaves) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.heldBy(k.Worker); err != nil {
		return nil, err
	}
	k.Kept.At = now
	return []events.Event{k.Kept}, nil
}

// TroubleSaves reports trouble with the session's saves; Trouble.At is left to
// the decision. Whose word it is, is as of KeepSaves.
type TroubleSaves struct {
	Worker  events.WorkerID
	Trouble events.SavesTroubled
}

func (t TroubleSaves) Target() events.Stream { return events.SessionStream(t.Trouble.Session) }

func (t TroubleSaves) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.heldBy(t.Worker); err != nil {
		return nil, err
	}
	t.Trouble.At = now
	return []events.Event{t.Trouble}, nil
}

// heldBy refuses a worker that the session was never allocated to.
func (s State) heldBy(worker events.WorkerID) error {
	switch {
	case s.Phase == events.SessionNone:
		return ErrUnknown
	case s.Worker != worker:
		return ErrNotHeld
	}
	return nil
}
