package projections_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/schema/schematest"
)

const report = "CREATE SCHEMA my; CREATE VIEW my.report AS SELECT title FROM read.game"

// TestWhatIsBuiltUponNamesStays: through a rebuild and a way back.
func TestWhatIsBuiltUponNamesStays(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	newHistory(t, store).play()
	run(t, url, store)
	settle(t, url, store, "library")
	pool := open(t, url)
	if _, err := pool.Exec(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	rebuild(t, url, store, "library")
	if got := scanRow(t, url, "SELECT title FROM my.report"); got[0] != "Doom II" {
		t.Errorf("it shows %v", got)
	}
	if err := projections.Back(t.Context(), pool, store, "library", slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := scanRow(t, url, "SELECT title FROM my.report"); got[0] != "Doom II" {
		t.Errorf("after the way back it shows %v", got)
	}
}

// TestWhatIsBuiltUponColumnsThatChange is named before anything is built.
func TestWhatIsBuiltUponColumnsThatChange(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	newHistory(t, store).play()
	run(t, url, store)
	settle(t, url, store, allViews()...)
	pool := open(t, url)
	if _, err := pool.Exec(t.Context(), "DROP VIEW read.game; CREATE VIEW read.game AS SELECT game_id, title FROM read_library_1.game;"+report); err != nil {
		t.Fatal(err)
	}
	before := schematest.Dump(t, url, true)
	_, err := projections.Rebuilding{}.Rebuild(t.Context(), pool, store, []string{"library"}, slog.New(slog.DiscardHandler))
	if !errors.Is(err, projections.ErrBuiltUpon) || !strings.Contains(err.Error(), "my.report, upon read.game") {
		t.Errorf("rebuilt: %v", err)
	}
	if diff := cmp.Diff(before, schematest.Dump(t, url, true)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if _, err := pool.Exec(t.Context(), "DROP VIEW my.report"); err != nil {
		t.Fatal(err)
	}
	rebuild(t, url, store, "library")
	if got := scanRow(t, url, "SELECT published FROM read.game"); got[0] != true {
		t.Errorf("it shows %v", got)
	}
}

// TestASwitchWaitsForLongReaders: and nobody waits for the switch meanwhile, but
// for a moment.
func TestASwitchWaitsForLongReaders(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	newHistory(t, store).play()
	run(t, url, store)
	settle(t, url, store, "session")
	rebuild(t, url, store, "session") // so that there is a previous one to drop
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	const tables = "(SELECT count(*) FROM read.session) + (SELECT count(*) FROM read.guest) + (SELECT count(*) FROM read.save_set)"
	if _, err := conn.Exec(t.Context(), "BEGIN; SELECT "+tables); err != nil {
		t.Fatal(err)
	}
	want := scanRow(t, url, "SELECT "+tables)[0]
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	var longest time.Duration
	group.Go(func() {
		for ctx.Err() == nil {
			began := time.Now()
			if got := scanRow(t, url, "SELECT "+tables)[0]; got != want {
				t.Errorf("a reader has seen %v rows, not %v", got, want)
				return
			}
			longest = max(longest, time.Since(began))
		}
	})
	switched := make(chan struct{})
	go func() {
		defer close(switched)
		rebuild(t, url, store, "session")
	}()
	select {
	case <-switched:
		t.Error("it was switched under a reader")
	case <-time.After(2 * time.Second): // of a long transaction
	}
	if _, err := conn.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	<-switched
	cancel()
	group.Wait()
	if longest > time.Second {
		t.Errorf("a reader was held up for %s", longest)
	}
}

// TestARebuildThatIsKilled: wherever it was, what is shown stays as it is, or is
// the new one, whole; and the next rebuild leaves nothing of it.
func TestARebuildThatIsKilled(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	told(t, store, lived(t, 5, 1))
	run(t, url, store)
	settle(t, url, store, allViews()...)
	rows := schematest.Dump(t, url, false)
	door, through := schematest.NewDoor(t, url)
	views := []string{"library", "session"}
	killed := 0
	for i := range 8 {
		pool := open(t, through)
		ended := make(chan error, 1)
		go func() {
			_, err := projections.Rebuilding{}.Rebuild(t.Context(), pool, store, views, slog.New(slog.DiscardHandler))
			ended <- err
		}()
		select {
		case err := <-ended:
			ended <- err
		case <-time.After(time.Duration(i*i) * 9 * time.Millisecond):
			door.Shut()
			door.Open()
		}
		if err := <-ended; err != nil {
			killed++
		}
		pool.Close()
		if diff := cmp.Diff(rows, schematest.Dump(t, url, false)); diff != "" {
			t.Fatalf("(-before +after):\n%.2000s", diff)
		}
	}
	if killed == 0 {
		t.Error("none was killed on its way")
	}
	wait(t, url, "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	for _, r := range rebuild(t, url, store, views...) {
		if !r.Compared {
			t.Errorf("rebuilt as %+v", r)
		}
	}
	got := scanRow(t, url, `SELECT count(*), count(*) FILTER (WHERE state = 'building'), (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^read_(library|session)_')
		FROM read.generation WHERE view IN ('library', 'session')`)
	if diff := cmp.Diff([]any{int64(4), int64(0), int64(4)}, got); diff != "" {
		t.Errorf("generations (-want +got):\n%s", diff)
	}
}
