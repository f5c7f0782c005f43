package queries_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// worker adds a worker that has one game.
func (f *fixture) worker(name, state, address, game string) {
	f.t.Helper()
	f.exec(`INSERT INTO read.worker (worker_id, incarnation, state, address, slots, held, games, registered_at, last, last_at, position)
		VALUES ($1, 'first', $2, $3, 2, 0, ARRAY[$4], $5, 'registered', $5, 1)`, name, state, address, game, noon)
}

func TestHolder(t *testing.T) {
	f := newFixture(t)
	f.worker("far", "running", "10.0.0.7:8189", "doom")
	f.worker("near", "draining", "", "doom")
	f.worker("gone", "lost", "10.0.0.8:8189", "quake")
	for _, c := range []struct {
		state  events.SessionState
		worker string
		want   queries.Holder
		err    error
	}{
		{events.SessionIsActive, "far", queries.Holder{Worker: "far", Address: "10.0.0.7:8189", Running: true}, nil},
		{events.SessionIsLaunching, "near", queries.Holder{Worker: "near", Running: true}, nil},
		{events.SessionIsPaused, "gone", queries.Holder{Worker: "gone", Address: "10.0.0.8:8189"}, nil},
		{events.SessionIsFailed, "far", queries.Holder{}, queries.ErrNoHolder},
		{events.SessionIsQueued, "", queries.Holder{}, queries.ErrNoHolder},
		{events.SessionIsAllocated, "unheard-of", queries.Holder{}, queries.ErrNoHolder},
	} {
		id := f.session("anna", c.state, 1)
		f.exec("UPDATE read.session SET worker_id = nullif($2, '') WHERE session_id = $1", uuid.UUID(id), c.worker)
		got, err := f.db.Holder(t.Context(), id)
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s on %q: %v (-want +got):\n%s", c.state, c.worker, err, diff)
		}
	}
	offered, err := f.db.Offered(t.Context(), "near")
	if err != nil || !slices.Equal(offered, []events.GameID{"doom"}) {
		t.Errorf("beside near, offered is %v, %v", offered, err)
	}
	if offered, err = f.db.Offered(t.Context(), "far"); err != nil || !slices.Equal(offered, []events.GameID{"doom"}) {
		t.Errorf("beside far, offered is %v, %v", offered, err)
	}
}

func TestWorkers(t *testing.T) {
	p := newProjected(t)
	for _, id := range []events.WorkerID{"c", "a", "b", "d", "e"} {
		p.happened(queries.ViewWorker, events.WorkerStream(id), events.WorkerRegistered{Worker: id, Incarnation: "first", Address: "10.0.0.7:8189",
			Slots: 2, Encoders: []string{"x264"}, Games: []events.GameID{"doom"}, Region: "eu", GPU: "A10", At: noon})
	}
	session, at := events.NewSessionID(), noon.Add(time.Minute)
	p.happened(queries.ViewWorker, events.WorkerStream("b"), events.SlotReserved{Worker: "b", Slot: 1, Session: session, At: at})
	p.happened(queries.ViewWorker, events.SessionStream(session),
		events.SessionRequested{Session: session, Player: "anna", Game: "doom", At: noon}, events.SessionFailed{Session: session, Cause: events.FailedGame, At: at})
	p.happened(queries.ViewWorker, events.WorkerStream("d"), events.WorkerLost{Worker: "d", Incarnation: "first", At: at})

	got, err := p.db.Worker(t.Context(), "b")
	want := queries.Worker{
		ID: "b", State: "running", Address: "10.0.0.7:8189", Region: "eu", GPU: "A10", Encoders: []string{"x264"}, Games: []events.GameID{"doom"},
		RegisteredAt: noon, Sessions: queries.WorkerSessions{Ran: 1, Failed: 1},
		Slots:    []queries.Slot{{Number: 0, Since: noon}, {Number: 1, Session: session, Since: at}},
		Last:     queries.WorkerAct{What: "failed", Session: session, At: at},
		Position: got.Position,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := p.db.Worker(t.Context(), "nobody"); !errors.Is(err, queries.ErrWorkerUnknown) {
		t.Errorf("an unknown worker: %v", err)
	}
	var ids []events.WorkerID
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, err := p.db.Workers(t.Context(), cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range page.Workers {
			ids = append(ids, w.ID)
			if running := w.ID != "d"; (len(w.Slots) == 2) != running || (w.State == "running") != running {
				t.Errorf("%+v", w)
			}
		}
		cursor = page.Next
	}
	if !slices.Equal(ids, []events.WorkerID{"a", "b", "c", "d", "e"}) {
		t.Errorf("%v", ids)
	}
}
