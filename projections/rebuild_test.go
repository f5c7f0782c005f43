package projections_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/commands/simulation"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/schema/schematest"
)

// lived is what players, workers and the house did in a few days.
func lived(t *testing.T, seed uint64, days int) []events.Recorded {
	t.Helper()
	_, history, err := simulation.Run(t.Context(), simulation.Config{Seed: seed, Players: 60, Workers: 4, Days: days})
	if err != nil {
		t.Fatal(err)
	}
	var all []events.Recorded
	for r, err := range history.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// told appends events to a store, as they were recorded.
func told(t *testing.T, store events.Store, all []events.Recorded) {
	t.Helper()
	for _, r := range all {
		proposed := events.Proposed{ID: r.ID, Type: r.Type, Data: r.Data, Metadata: r.Metadata}
		if _, err := store.Append(t.Context(), r.Stream, events.AnyRevision(), []events.Proposed{proposed}); err != nil {
			t.Fatal(err)
		}
	}
}

func rebuild(t *testing.T, url string, store events.Store, names ...string) []projections.Rebuilt {
	t.Helper()
	all, err := projections.Rebuilding{}.Rebuild(t.Context(), open(t, url+"&application_name=building"), store, names, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRebuiltEqualsLive: rows that came piece by piece, by two projectors that
// are killed on the way and lose their connections, are those of a rebuild
// beside them while events arrive, and those of another database's.
func TestRebuiltEqualsLive(t *testing.T) {
	for seed := range uint64(2) {
		live, store := postgres.Database(t), memstore.New(time.Now)
		random := rand.New(rand.NewPCG(seed, 1))
		all := lived(t, seed, 2)
		h := newHistory(t, store)
		h.play()
		h.standing()
		h.bill()
		piece := len(all)/16 + 1
		var building sync.WaitGroup
		for round := 0; len(all) > 0; round++ {
			first, second := run(t, live, store), run(t, live, store)
			if round == 2 {
				building.Go(func() {
					for _, r := range rebuild(t, live, store, allViews()...) {
						if !r.Compared {
							t.Errorf("seed %d: %s was not compared: %s", seed, r.View, r.Reason)
						}
					}
				})
			}
			for range 4 {
				n := min(len(all), random.IntN(2*piece))
				told(t, store, all[:n])
				all = all[n:]
				cutOff(t, live)
			}
			first.stop() // in the midst of whatever it does
			if round == 2 {
				building.Wait()
			}
			settle(t, live, store, allViews()...)
			second.stop()
		}
		elsewhere := postgres.Database(t)
		run(t, elsewhere, store)
		settle(t, elsewhere, store, allViews()...)
		fresh := schematest.Dump(t, elsewhere, true)
		if diff := cmp.Diff(fresh, schematest.Dump(t, live, true)); diff != "" {
			t.Errorf("seed %d (-fresh +live):\n%.4000s", seed, diff)
		}
	}
}

// cutOff ends the connections to a database, in the midst of what they do.
func cutOff(t *testing.T, url string) {
	t.Helper()
	scanRow(t, url, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'building'`)
}

// TestARebuildUnderLoad: readers see every name all the time, and never a row
// from before one that they have seen; there is a way back, at once.
func TestARebuildUnderLoad(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	all := lived(t, 7, 2)
	half := len(all) / 2
	newHistory(t, store).play()
	told(t, store, all[:half])
	run(t, url, store)
	settle(t, url, store, allViews()...)

	ctx, cancel := context.WithCancel(t.Context())
	var load sync.WaitGroup
	var reads atomic.Int64
	for range 3 {
		load.Go(func() { watch(ctx, t, url, &reads) })
	}
	load.Go(func() {
		for _, r := range all[half:] {
			if ctx.Err() != nil {
				return
			}
			told(t, store, []events.Recorded{r})
			time.Sleep(100 * time.Microsecond) // the load's rate
		}
	})
	for _, r := range rebuild(t, url, store, allViews()...) {
		if !r.Compared || r.Generation != 2 {
			t.Errorf("rebuilt as %+v", r)
		}
	}
	settle(t, url, store, allViews()...)
	pool := open(t, url)
	for _, name := range allViews() {
		if err := projections.Back(ctx, pool, store, name, slog.New(slog.DiscardHandler)); err != nil {
			t.Error(err)
		}
	}
	for _, s := range list(t, url, store) {
		if want := map[int]string{1: "live", 2: "previous"}[s.Generation]; s.State != want {
			t.Errorf("after the way back: %+v", s)
		}
	}
	seen := reads.Load()
	cancel()
	load.Wait()
	if seen < 50 {
		t.Errorf("the readers have read %d times only", seen)
	}
	settle(t, url, store, allViews()...)
	first := schematest.Dump(t, url, true)
	for _, name := range allViews() {
		if err := projections.Back(t.Context(), pool, store, name, slog.New(slog.DiscardHandler)); err != nil {
			t.Error(err)
		}
		if err := projections.Drop(t.Context(), pool, name); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(first, schematest.Dump(t, url, true)); diff != "" {
		t.Errorf("generations 1 and 2 (-1 +2):\n%.4000s", diff)
	}
	if got := scanRow(t, url, "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'read\\_%'")[0]; got != int64(len(allViews())) {
		t.Errorf("%d generations are left", got)
	}
}

// watch reads as a reader does until the context ends.
func watch(ctx context.Context, t *testing.T, url string, reads *atomic.Int64) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SET ROLE playcast_reader"); err != nil {
		t.Error(err)
	}
	var games, sessions, checkpoint int64
	for ctx.Err() == nil {
		var g, s, c int64
		err := conn.QueryRow(ctx, `SELECT (SELECT max(position) FROM read.game), (SELECT max(position) FROM read.session),
			(SELECT sum(position) FROM read.checkpoint)`).Scan(&g, &s, &c)
		if ctx.Err() != nil {
			return
		}
		if err != nil || g < games || s < sessions || c < checkpoint {
			t.Errorf("a reader that was at %d, %d, %d is at %d, %d, %d: %v", games, sessions, checkpoint, g, s, c, err)
			return
		}
		games, sessions, checkpoint = g, s, c
		reads.Add(1)
	}
}

func TestARebuildThatIsDifferentIsNotSwitched(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	newHistory(t, store).play()
	run(t, url, store)
	settle(t, url, store, allViews()...)
	pool := open(t, url)
	if _, err := pool.Exec(t.Context(), "UPDATE read_library_1.game SET title = 'Quake'"); err != nil {
		t.Fatal(err)
	}
	_, err := projections.Rebuilding{}.Rebuild(t.Context(), pool, store, []string{"library", "session"}, slog.New(slog.DiscardHandler))
	var different *projections.DifferentError
	if !errors.As(err, &different) || different.View != "library" || !strings.Contains(err.Error(), "game (1 rows, live 1)") {
		t.Fatalf("rebuilt: %v", err)
	}
	got := scanRow(t, url, `SELECT title, (SELECT array_agg(view || ' ' || generation || ' ' || state ORDER BY 1) FROM read.generation WHERE view IN ('library', 'session')),
		to_regclass('read_library_2.game') IS NULL FROM read.game`)
	want := []any{"Quake", []any{"library 1 live", "session 1 previous", "session 2 live"}, true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := (projections.Rebuilding{EvenIfDifferent: true}).Rebuild(t.Context(), pool, store, []string{"library"}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := scanRow(t, url, "SELECT title FROM read.game"); got[0] != "Doom II" {
		t.Errorf("the title is %v", got[0])
	}
}

func TestWhatCanNotBeRebuilt(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	pool, log := open(t, url), slog.New(slog.DiscardHandler)
	if _, err := (projections.Rebuilding{}).Rebuild(t.Context(), pool, store, []string{"library", "sessions"}, log); !errors.Is(err, projections.ErrUnknownView) {
		t.Errorf("a view that is not there: %v", err)
	}
	if err := projections.Back(t.Context(), pool, store, "library", log); !errors.Is(err, projections.ErrNoPrevious) {
		t.Errorf("back to nothing: %v", err)
	}
	if err := projections.Drop(t.Context(), pool, "library"); !errors.Is(err, projections.ErrNoPrevious) {
		t.Errorf("drop nothing: %v", err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock(hashtextextended('playcast view library', 0))"); err != nil {
		t.Fatal(err)
	}
	if _, err := (projections.Rebuilding{}).Rebuild(t.Context(), pool, store, []string{"library"}, log); !errors.Is(err, projections.ErrBusy) {
		t.Errorf("beside another one: %v", err)
	}
	if got := scanRow(t, url, "SELECT count(*) FROM read.generation WHERE state <> 'live'"); got[0] != int64(0) {
		t.Errorf("%d generations are left over", got[0])
	}
}

// TestAViewOfAnotherPlaycast: rows of an older version are shown until those of
// this one are there; rows of a newer one stop the view.
func TestAViewOfAnotherPlaycast(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	h.play()
	r := run(t, url, store)
	settle(t, url, store, allViews()...)
	r.stop()
	pool := open(t, url)
	if _, err := pool.Exec(t.Context(), "UPDATE read.generation SET version = 1000 WHERE view = 'library'"); err != nil {
		t.Fatal(err)
	}
	r = run(t, url, store)
	if err := r.stopped(t); !errors.Is(err, projections.ErrNewerView) || !strings.Contains(err.Error(), "version is 1000") {
		t.Errorf("stopped with %v", err)
	}
	r.stop()
	if _, err := pool.Exec(t.Context(), `ALTER TABLE read.generation DROP CONSTRAINT generation_version_check;
		UPDATE read.generation SET version = 0 WHERE view = 'library'; UPDATE read_library_1.game SET title = 'Dm'`); err != nil {
		t.Fatal(err)
	}
	if got := scanRow(t, url, "SELECT title FROM read.game"); got[0] != "Dm" {
		t.Errorf("it shows %v", got[0])
	}
	run(t, url, store)
	wait(t, url, "SELECT count(*) = 1 FROM read.game WHERE title = 'Doom II'")
}

// wait waits until a question is answered with yes.
func wait(t *testing.T, url, question string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for scanRow(t, url, question)[0] != true {
		if time.Now().After(deadline) {
			t.Fatalf("not yet: %s", question)
		}
		time.Sleep(5 * time.Millisecond) // between looks at the condition
	}
}
