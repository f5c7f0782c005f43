package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// workerView is the workers: each as its latest process left it.
type workerView struct {
	workers *Table[events.WorkerID, workerRow]
}

var _ View = (*workerView)(nil)

// workerRow is a worker.
type workerRow struct {
	ID           events.WorkerID `db:"worker_id,key"`
	Incarnation  string          `db:"incarnation"`
	State        string          `db:"state"`
	Address      string          `db:"address"`
	Slots        int             `db:"slots"`
	Held         int             `db:"held"`
	Encoders     []string        `db:"encoders,null"`
	Games        []events.GameID `db:"games,null"`
	RegisteredAt time.Time       `db:"registered_at"`
	Position     int64           `db:"position"`
}

// The states of a worker.
const (
	workerRuns    = "running"
	workerDrains  = "draining"
	workerStopped = "stopped"
	workerLost    = "lost"
)

func newWorkerView() View {
	return &workerView{workers: NewTable("worker", func(r *workerRow) events.WorkerID { return r.ID })}
}

func (*workerView) Name() string     { return "worker" }
func (*workerView) Version() int     { return 1 }
func (v *workerView) Tables() []Rows { return []Rows{v.workers} }

func (*workerView) Wants() []events.Event {
	return []events.Event{events.WorkerRegistered{}, events.WorkerDraining{}, events.WorkerResumed{}, events.WorkerLost{},
		events.WorkerStopped{}, events.SlotReserved{}, events.SlotReleased{}}
}

func (v *workerView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		v.workers.Put(workerRow{
			ID: e.Worker, Incarnation: e.Incarnation, State: workerRuns, Address: e.Address, Slots: e.Slots,
			Encoders: e.Encoders, Games: e.Games, RegisteredAt: e.At, Position: n.Position,
		})
		return nil
	case events.WorkerDraining:
		return v.change(e.Worker, n, func(r *workerRow) { r.State = workerDrains })
	case events.WorkerResumed:
		return v.change(e.Worker, n, func(r *workerRow) { r.State = workerRuns })
	case events.WorkerLost:
		return v.change(e.Worker, n, func(r *workerRow) { r.State, r.Held = workerLost, 0 })
	case events.WorkerStopped:
		return v.change(e.Worker, n, func(r *workerRow) { r.State, r.Held = workerStopped, 0 })
	case events.SlotReserved:
		return v.change(e.Worker, n, func(r *workerRow) { r.Held++ })
	case events.SlotReleased:
		return v.change(e.Worker, n, func(r *workerRow) { r.Held-- })
	}
	return nil
}

func (v *workerView) change(id events.WorkerID, n *Noted, with func(*workerRow)) error {
	return v.workers.Change(id, func(r *workerRow) {
		with(r)
		r.Position = n.Position
	})
}
