package worker

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Lose says that a worker process is gone without a farewell, and with it what
// it held. One that has followed it, or has ended, is left alone.
type Lose struct {
	Worker      events.WorkerID
	Incarnation string
}

func (l Lose) Target() events.Stream { return events.WorkerStream(l.Worker) }

func (l Lose) Decide(s State, now time.Time) ([]events.Event, error) {
	if !s.Running || s.Incarnation != l.Incarnation {
		return nil, nil
	}
	return []events.Event{s.lost(l.Worker, now)}, nil
}

func (s State) lost(worker events.WorkerID, now time.Time) events.WorkerLost {
	return events.WorkerLost{Worker: worker, Incarnation: s.Incarnation, Sessions: s.sessions(), At: now}
}
