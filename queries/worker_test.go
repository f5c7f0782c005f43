package queries_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// worker adds a worker that has one game.
func (f *fixture) worker(name, state, address, game string) {
	f.t.Helper()
	f.exec(`INSERT INTO read.worker (worker_id, incarnation, state, address, slots, held, games, registered_at, position)
		VALUES ($1, 'first', $2, $3, 2, 0, ARRAY[$4], $5, 1)`, name, state, address, game, noon)
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
