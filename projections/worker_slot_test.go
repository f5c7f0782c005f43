package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func registers(incarnation string, slots int) events.Event {
	return events.WorkerRegistered{Worker: "w", Incarnation: incarnation, Slots: slots, Region: "eu", GPU: "A10", At: noon}
}

func TestTheSlotsOfAWorker(t *testing.T) {
	later := noon.Add(time.Minute)
	one, two := events.SessionID{1}, events.SessionID{2}
	v, f := folded[*workerView](t, newWorkerView, registers("first", 3),
		events.SlotReserved{Worker: "w", Slot: 1, Session: one, At: later})
	slots := func(want ...slotRow) {
		t.Helper()
		all := map[slotKey]slotRow{}
		for i, row := range want {
			row.Worker, row.Number = "w", i
			all[slotKey{"w", i}] = row
		}
		if diff := cmp.Diff(all, rows(v.slots)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	slots(slotRow{Since: noon}, slotRow{Session: one, Since: later}, slotRow{Since: noon})
	f.take("", events.SlotReleased{Worker: "w", Slot: 1, Session: one, At: later.Add(time.Minute)},
		events.SlotReserved{Worker: "w", Slot: 1, Session: two, At: later.Add(time.Hour)},
		events.SlotReserved{Worker: "w", Slot: 0, Session: one, At: later.Add(time.Hour)},
		events.SlotReleased{Worker: "w", Slot: 1, Session: one, At: later.Add(time.Hour)}) // which has another one
	slots(slotRow{Session: one, Since: later.Add(time.Hour)}, slotRow{Session: two, Since: later.Add(time.Hour)}, slotRow{Since: noon})
	f.take("", registers("second", 1)) // in the place of the first, unseen
	slots(slotRow{Since: noon})
	f.take("", events.WorkerLost{Worker: "w", At: later})
	slots()
	f.take("", registers("third", 2))
	slots(slotRow{Since: noon}, slotRow{Since: noon})
	f.take("", events.WorkerStopped{Worker: "w", At: later})
	slots()
}

func TestWhatAWorkerRanAndWhatFailed(t *testing.T) {
	one, two, three := events.SessionID{1}, events.SessionID{2}, events.SessionID{3}
	at := noon.Add(time.Minute)
	v, f := folded[*workerView](t, newWorkerView, registers("first", 2),
		events.SlotReserved{Worker: "w", Slot: 0, Session: one, At: at},
		events.SlotReserved{Worker: "w", Slot: 1, Session: two, At: at},
		events.SessionFailed{Session: one, Cause: events.FailedGame, At: at.Add(time.Second)})
	is := func(want workerRow) {
		t.Helper()
		row, _ := v.workers.Get("w")
		want.ID, want.Region, want.GPU, want.RegisteredAt = "w", "eu", "A10", noon
		if diff := cmp.Diff(want, row); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	is(workerRow{Incarnation: "first", State: workerRuns, Slots: 2, Held: 2, Ran: 2, Failed: 1,
		Last: "failed", LastSession: one, LastAt: at.Add(time.Second), Position: 4})
	if diff := cmp.Diff([]events.Stream{events.WorkerStream("w")}, f.told); diff != "" {
		t.Errorf("told of (-want +got):\n%s", diff)
	}
	f.take("", events.SlotReleased{Worker: "w", Slot: 0, Session: one, At: at}, events.SessionEnded{Session: three, At: at},
		registers("second", 2), events.SlotReserved{Worker: "w", Slot: 0, Session: three, At: at},
		events.SessionFailed{Session: two, Cause: events.FailedWorker, At: at}, // which the first process had
		events.SessionEnded{Session: three, At: at}, events.SessionFailed{Session: three, At: at})
	is(workerRow{Incarnation: "second", State: workerRuns, Slots: 2, Held: 1, Ran: 1, Last: "took", LastSession: three, LastAt: at, Position: 8})
	if left := rows(v.running); len(left) != 0 {
		t.Errorf("sessions that are over are still held: %v", left)
	}
}
