package projections_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

func TestTheViewOfAWorker(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	run(t, url, store)
	session := events.NewSessionID()
	registered := events.WorkerRegistered{Worker: "w", Incarnation: "first", Address: "10.0.0.7:8189", Slots: 2, Games: []events.GameID{"doom"}, At: h.now}
	again := events.WorkerRegistered{Worker: "w", Incarnation: "second", Slots: 1, At: h.now}
	for _, c := range []struct {
		event events.Event
		want  []any // incarnation, state, address, held, the games
	}{
		{registered, []any{"first", "running", "10.0.0.7:8189", int32(0), "doom"}},
		{events.SlotReserved{Worker: "w", Session: session, At: h.now}, []any{"first", "running", "10.0.0.7:8189", int32(1), "doom"}},
		{events.WorkerDraining{Worker: "w", At: h.now}, []any{"first", "draining", "10.0.0.7:8189", int32(1), "doom"}},
		{events.SlotReleased{Worker: "w", Session: session, At: h.now}, []any{"first", "draining", "10.0.0.7:8189", int32(0), "doom"}},
		{events.WorkerResumed{Worker: "w", At: h.now}, []any{"first", "running", "10.0.0.7:8189", int32(0), "doom"}},
		{events.SlotReserved{Worker: "w", Session: session, At: h.now}, []any{"first", "running", "10.0.0.7:8189", int32(1), "doom"}},
		{events.WorkerLost{Worker: "w", At: h.now}, []any{"first", "lost", "10.0.0.7:8189", int32(0), "doom"}},
		{again, []any{"second", "running", "", int32(0), nil}},
		{events.WorkerStopped{Worker: "w", At: h.now}, []any{"second", "stopped", "", int32(0), nil}},
	} {
		h.put(events.WorkerStream("w"), c.event)
		settle(t, url, store, "worker")
		got := scanRow(t, url, "SELECT incarnation, state, address, held, array_to_string(games, ',') FROM read.worker")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("after %T (-want +got):\n%s", c.event, diff)
		}
	}
}
