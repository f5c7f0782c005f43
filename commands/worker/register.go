package worker

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrNoSlots refuses a worker without slots.
var ErrNoSlots = &events.Fault{Kind: events.Invalid, Code: "worker-without-slots",
	Message: "A worker needs between 1 and 64 slots."}

// ErrCapability refuses names that are too long, or too many.
var ErrCapability = &events.Fault{Kind: events.Invalid, Code: "worker-capability",
	Message: "The names of a worker's region, GPU and encoders have at most 128 bytes, and it has at most 64 encoders. Shorten them."}

const (
	maxName     = 128
	maxEncoders = 64
)

// maxSlots is beyond what one machine can encode.
const maxSlots = 64

// Register announces a worker process. If the worker's stream says that an
// earlier process still runs, that one is lost, and what it held with it: a
// worker's name belongs to one process at a time.
type Register struct {
	Worker      events.WorkerID
	Incarnation string
	Address     string
	Slots       int
	Encoders    []string
	Games       []events.GameID
	Region      string
	GPU         string
}

func (r Register) Target() events.Stream { return events.WorkerStream(r.Worker) }

func (r Register) Decide(s State, now time.Time) ([]events.Event, error) {
	if r.Slots < 1 || r.Slots > maxSlots {
		return nil, ErrNoSlots.With(fmt.Sprintf("A worker needs between 1 and %d slots, not %d.", maxSlots, r.Slots))
	}
	if len(r.Region) > maxName || len(r.GPU) > maxName || len(r.Encoders) > maxEncoders ||
		slices.ContainsFunc(r.Encoders, func(name string) bool { return len(name) > maxName }) {
		return nil, ErrCapability
	}
	if err := events.CheckIDs(r.Games...); err != nil {
		return nil, err
	}
	if s.Running && s.Incarnation == r.Incarnation {
		return nil, nil
	}
	registered := events.WorkerRegistered{
		Worker: r.Worker, Incarnation: r.Incarnation, Address: r.Address,
		Slots: r.Slots, Encoders: r.Encoders, Games: r.Games,
		Region: r.Region, GPU: r.GPU, At: now,
	}
	if !s.Running {
		return []events.Event{registered}, nil
	}
	return []events.Event{s.lost(r.Worker, now), registered}, nil
}

// Stop announces that a worker process ends in good order, its sessions with it.
type Stop struct {
	Worker      events.WorkerID
	Incarnation string
}

func (c Stop) Target() events.Stream { return events.WorkerStream(c.Worker) }

func (c Stop) Decide(s State, now time.Time) ([]events.Event, error) {
	if !s.Running || s.Incarnation != c.Incarnation {
		return nil, nil
	}
	return []events.Event{events.WorkerStopped{Worker: c.Worker, Incarnation: c.Incarnation, At: now}}, nil
}
