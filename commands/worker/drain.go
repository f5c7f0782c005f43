package worker

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrUnknown refuses what is asked of a worker that never was.
var ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-worker",
	Message: "There is no such worker."}

// Drain lets a worker finish the sessions that it has, and gives it no more.
// Its next process begins anew.
type Drain struct {
	Worker events.WorkerID
}

func (d Drain) Target() events.Stream { return events.WorkerStream(d.Worker) }

func (d Drain) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.there(d.Worker); err != nil || s.Draining {
		return nil, err
	}
	return []events.Event{events.WorkerDraining{Worker: d.Worker, Incarnation: s.Incarnation, At: now}}, nil
}

// Resume gives a worker that drains sessions again.
type Resume struct {
	Worker events.WorkerID
}

func (r Resume) Target() events.Stream { return events.WorkerStream(r.Worker) }

func (r Resume) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.there(r.Worker); err != nil || !s.Draining {
		return nil, err
	}
	return []events.Event{events.WorkerResumed{Worker: r.Worker, Incarnation: s.Incarnation, At: now}}, nil
}

// there refuses what is asked of a worker that has no process.
func (s State) there(worker events.WorkerID) error {
	switch {
	case s.Incarnation == "":
		return ErrUnknown.With(fmt.Sprintf("There is no worker called %q. Look at the list of workers.", worker))
	case !s.Running:
		return ErrNotRunning
	}
	return nil
}
