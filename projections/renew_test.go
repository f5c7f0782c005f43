package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events/memstore"
)

// TestAViewIsBuiltAgainWhenItCan: not while another process is at it, nor while
// something else is in the way; and then without a new start.
func TestAViewIsBuiltAgainWhenItCan(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	newHistory(t, store).play()
	if _, err := open(t, url).Exec(t.Context(), `ALTER TABLE read.generation DROP CONSTRAINT generation_version_check;
		UPDATE read.generation SET version = 0 WHERE view = 'library';
		DROP VIEW read.game; CREATE VIEW read.game AS SELECT game_id, title FROM read_library_1.game;`+report); err != nil {
		t.Fatal(err)
	}
	another, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer another.Close(context.WithoutCancel(t.Context()))
	if _, err := another.Exec(t.Context(), "SELECT pg_advisory_lock(hashtextextended('playcast view library', 0))"); err != nil {
		t.Fatal(err)
	}
	run(t, url, store)
	settle(t, url, store, "session")
	const sessions = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
	before := scanRow(t, url, sessions)[0].(int64)
	time.Sleep(time.Second) // in which it asks whether the other one has finished
	if asked := scanRow(t, url, sessions)[0].(int64) - before; asked > 10 {
		t.Errorf("it has connected %d times in a second", asked)
	}
	if _, err := another.Exec(t.Context(), "SELECT pg_advisory_unlock_all()"); err != nil {
		t.Fatal(err)
	}
	if _, err := another.Exec(t.Context(), "DROP VIEW my.report"); err != nil {
		t.Fatal(err)
	}
	wait(t, url, "SELECT count(*) = 1 FROM read.generation WHERE view = 'library' AND state = 'live' AND version > 0")
}
