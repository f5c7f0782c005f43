package projections_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/schematest"
)

// TestADroppedSchemaHealsAndLeavesNothing: whatever generations there were when
// the schema read was dropped, there is one of each view afterwards, with the
// rows of before.
func TestADroppedSchemaHealsAndLeavesNothing(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	told(t, store, lived(t, 11, 1))
	first := run(t, url, store)
	settle(t, url, store, allViews()...)
	first.stop()
	rebuild(t, url, store, "session", "library")
	rebuild(t, url, store, "session")
	before := schematest.Dump(t, url, false)

	if _, err := open(t, url).Exec(t.Context(), "DROP SCHEMA read CASCADE"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := schema.Apply(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		if err := projections.Prepare(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, view := range projections.Views() {
		want = append(want, "read_"+view.Name()+"_1")
	}
	slices.Sort(want)
	left := scanRow(t, url, `SELECT array_agg(nspname::text ORDER BY nspname::text COLLATE "C") FROM pg_namespace WHERE nspname LIKE 'read\_%'`)[0]
	var names []string
	for _, name := range left.([]any) {
		names = append(names, name.(string))
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("schemas of generations (-want +got):\n%s", diff)
	}
	run(t, url, store)
	settle(t, url, store, allViews()...)
	if diff := cmp.Diff(before, schematest.Dump(t, url, false)); diff != "" {
		t.Errorf("rows (-before +after):\n%.4000s", diff)
	}
}

// TestADroppedSchemaHealsUnderAProjector: one that goes on, in which a view has
// stopped before, fills all again.
func TestADroppedSchemaHealsUnderAProjector(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	newHistory(t, store).play()
	told(t, store, lived(t, 11, 1))
	pool := open(t, url)
	if _, err := pool.Exec(t.Context(), "ALTER TABLE read_library_1.game ADD CHECK (false) NOT VALID"); err != nil {
		t.Fatal(err)
	}
	r := run(t, url, store)
	if err := r.stopped(t); !errors.Is(err, projections.ErrStopped) {
		t.Fatal(err)
	}
	settle(t, url, store, slices.DeleteFunc(allViews(), func(name string) bool { return name == "library" })...)
	if _, err := pool.Exec(t.Context(), "DROP SCHEMA read CASCADE"); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := projections.Prepare(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	settle(t, url, store, allViews()...)
	r.stop()
	select {
	case err := <-r.failures:
		t.Errorf("a view has stopped: %v", err)
	default:
	}
	healed := schematest.Dump(t, url, false)
	elsewhere := postgres.Database(t)
	run(t, elsewhere, store)
	settle(t, elsewhere, store, allViews()...)
	if diff := cmp.Diff(schematest.Dump(t, elsewhere, false), healed); diff != "" {
		t.Errorf("rows (-elsewhere +healed):\n%.4000s", diff)
	}
}
