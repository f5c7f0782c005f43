package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// slotRow is a slot of a worker that runs.
type slotRow struct {
	Worker  events.WorkerID  `db:"worker_id,key"`
	Number  int              `db:"slot,key"`
	Session events.SessionID `db:"session_id,null"`
	Since   time.Time        `db:"since"`
}

type slotKey struct {
	Worker events.WorkerID
	Number int
}

// take gives a session a slot.
func (v *workerView) take(e events.SlotReserved, n *Noted) error {
	on, _ := v.workers.Get(e.Worker)
	v.slots.Put(slotRow{Worker: e.Worker, Number: e.Slot, Session: e.Session, Since: e.At})
	v.running.Put(runningRow{Session: e.Session, Worker: e.Worker, Incarnation: on.Incarnation})
	return v.change(e.Worker, n, act{"took", e.Session, e.At}, func(r *workerRow) {
		r.Held++
		r.Ran++
	})
}

// free takes a session from its slot, if it still has it.
func (v *workerView) free(e events.SlotReleased) {
	key := slotKey{e.Worker, e.Slot}
	if slot, found := v.slots.Get(key); found && slot.Session == e.Session {
		slot.Session, slot.Since = events.SessionID{}, e.At
		v.slots.Put(slot)
	}
}

// dismantle deletes the slots of a worker from a number on.
func (v *workerView) dismantle(id events.WorkerID, from, to int) {
	for number := from; number < to; number++ {
		v.slots.Delete(slotKey{id, number})
	}
}
