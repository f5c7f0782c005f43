package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// workerView is the workers, each as its latest process left it, their slots,
// and which of them a session failed on.
type workerView struct {
	workers *Table[events.WorkerID, workerRow]
	slots   *Table[slotKey, slotRow]
	running *Table[events.SessionID, runningRow]
}

var _ View = (*workerView)(nil)

// workerRow is a worker.
type workerRow struct {
	ID           events.WorkerID  `db:"worker_id,key"`
	Incarnation  string           `db:"incarnation"`
	State        string           `db:"state"`
	Address      string           `db:"address"`
	Region       string           `db:"region"`
	GPU          string           `db:"gpu"`
	Slots        int              `db:"slots"`
	Held         int              `db:"held"`
	Encoders     []string         `db:"encoders,null"`
	Games        []events.GameID  `db:"games,null"`
	RegisteredAt time.Time        `db:"registered_at"`
	Ran          int64            `db:"ran"`
	Failed       int64            `db:"failed"`
	Last         string           `db:"last"`
	LastSession  events.SessionID `db:"last_session,null"`
	LastAt       time.Time        `db:"last_at"`
	Position     int64            `db:"position"`
}

// The states of a worker.
const (
	workerRuns    = "running"
	workerDrains  = "draining"
	workerStopped = "stopped"
	workerLost    = "lost"
)

// runningRow is the process of a worker that has a session.
type runningRow struct {
	Session     events.SessionID `db:"session_id,key"`
	Worker      events.WorkerID  `db:"worker_id"`
	Incarnation string           `db:"incarnation"`
}

func newWorkerView() View {
	return &workerView{
		workers: NewTable("worker", func(r *workerRow) events.WorkerID { return r.ID }),
		slots:   NewTable("slot", func(r *slotRow) slotKey { return slotKey{r.Worker, r.Number} }),
		running: NewTable("running", func(r *runningRow) events.SessionID { return r.Session }),
	}
}

func (*workerView) Name() string     { return "worker" }
func (*workerView) Version() int     { return 1 }
func (v *workerView) Tables() []Rows { return []Rows{v.workers, v.slots, v.running} }

func (*workerView) Wants() []events.Event {
	return []events.Event{events.WorkerRegistered{}, events.WorkerDraining{}, events.WorkerResumed{}, events.WorkerLost{},
		events.WorkerStopped{}, events.SlotReserved{}, events.SlotReleased{}, events.SessionEnded{}, events.SessionFailed{}}
}

func (v *workerView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		v.register(e, n)
		return nil
	case events.WorkerDraining:
		return v.change(e.Worker, n, act{what: "draining", at: e.At}, func(r *workerRow) { r.State = workerDrains })
	case events.WorkerResumed:
		return v.change(e.Worker, n, act{what: "resumed", at: e.At}, func(r *workerRow) { r.State = workerRuns })
	case events.WorkerLost:
		return v.end(e.Worker, n, act{what: "lost", at: e.At}, workerLost)
	case events.WorkerStopped:
		return v.end(e.Worker, n, act{what: "stopped", at: e.At}, workerStopped)
	case events.SlotReserved:
		return v.take(e, n)
	case events.SlotReleased:
		v.free(e)
		return v.change(e.Worker, n, act{"freed", e.Session, e.At}, func(r *workerRow) { r.Held-- })
	case events.SessionEnded:
		v.running.Delete(e.Session)
	case events.SessionFailed:
		return v.fail(e, n)
	}
	return nil
}

// register has a process of a worker offer its slots, in the place of an
// earlier one.
func (v *workerView) register(e events.WorkerRegistered, n *Noted) {
	before, _ := v.workers.Get(e.Worker)
	v.workers.Put(workerRow{
		ID: e.Worker, Incarnation: e.Incarnation, State: workerRuns, Address: e.Address, Region: e.Region, GPU: e.GPU,
		Slots: e.Slots, Encoders: e.Encoders, Games: e.Games, RegisteredAt: e.At,
		Last: "registered", LastAt: e.At, Position: n.Position,
	})
	for number := range e.Slots {
		v.slots.Put(slotRow{Worker: e.Worker, Number: number, Since: e.At})
	}
	v.dismantle(e.Worker, e.Slots, before.Slots)
}

// end takes a worker's slots away.
func (v *workerView) end(id events.WorkerID, n *Noted, last act, state string) error {
	before, _ := v.workers.Get(id)
	v.dismantle(id, 0, before.Slots)
	return v.change(id, n, last, func(r *workerRow) { r.State, r.Held = state, 0 })
}

// fail counts a session's failure for the process that had it.
func (v *workerView) fail(e events.SessionFailed, n *Noted) error {
	on, found := v.running.Get(e.Session)
	if !found {
		return nil
	}
	v.running.Delete(e.Session)
	if now, _ := v.workers.Get(on.Worker); now.Incarnation != on.Incarnation {
		return nil
	}
	n.Tell(events.WorkerStream(on.Worker))
	return v.change(on.Worker, n, act{"failed", e.Session, e.At}, func(r *workerRow) { r.Failed++ })
}

// act is what a worker did last.
type act struct {
	what    string
	session events.SessionID
	at      time.Time
}

func (v *workerView) change(id events.WorkerID, n *Noted, last act, with func(*workerRow)) error {
	return v.workers.Change(id, func(r *workerRow) {
		with(r)
		r.Last, r.LastSession, r.LastAt, r.Position = last.what, last.session, last.at, n.Position
	})
}
