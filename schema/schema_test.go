package schema_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/schematest"
)

var postgres *schematest.Server

func TestMain(m *testing.M) {
	os.Exit(schematest.Run(m, func(s *schematest.Server) { postgres = s }))
}

func exec(t *testing.T, url, sql string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), sql)
	return err
}

// backTo undoes every migration after a version.
func backTo(t *testing.T, url string, version int64) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"), goose.WithTableName("read.migration"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

func TestApplyTwiceAtOnceAndAgain(t *testing.T) {
	url := postgres.Empty(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := schema.Apply(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Error(err)
	}
}

func TestADroppedSchemaComesBack(t *testing.T) {
	url := postgres.Database(t)
	if err := exec(t, url, "DROP SCHEMA read CASCADE"); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, url, "SELECT * FROM read.session, read.checkpoint"); err != nil {
		t.Error(err)
	}
}

// TestHistoryIsFilledFromTheStart: a database from before the picture's history
// loses the sessions' rows and checkpoint, and no other view's.
func TestHistoryIsFilledFromTheStart(t *testing.T) {
	url := postgres.Database(t)
	backTo(t, url, 1)
	if err := exec(t, url, `INSERT INTO read.checkpoint VALUES ('session', 7), ('account', 7);
		INSERT INTO read.session (session_id, player_id, game_id, title, state, requested_at, requested_pos, position)
		VALUES ('01970000-0000-7000-8000-000000000001', 'anna', 'doom', 'Doom', 'queued', now(), 7, 7)`); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, url, `DO $$ BEGIN
		ASSERT (SELECT count(*) FROM read.session) = 0;
		ASSERT (SELECT array_agg(view) FROM read.checkpoint) = ARRAY['account'];
	END $$`); err != nil {
		t.Error(err)
	}
}

// TestTitlesThatWereNotSealedAreDropped: a database from before clips' titles
// were sealed keeps the clips alone.
func TestTitlesThatWereNotSealedAreDropped(t *testing.T) {
	url := postgres.Database(t)
	backTo(t, url, 8)
	if err := exec(t, url, `INSERT INTO read.recording (recording_id, session_id, player_id, game_id, title, state, started_at, position)
		VALUES (gen_random_uuid(), gen_random_uuid(), 'anna', 'doom', 'Doom', 'recording', now(), 7);
		INSERT INTO read.clip SELECT gen_random_uuid(), recording_id, 'The jump', 0, 500, now() FROM read.recording`); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, url, `DO $$ BEGIN
		ASSERT (SELECT count(*) FROM read.clip WHERE title IS NULL) = 1;
	END $$`); err != nil {
		t.Error(err)
	}
}

func TestADatabaseOfANewerPlaycastIsLeftAlone(t *testing.T) {
	url := postgres.Database(t)
	if err := exec(t, url, "INSERT INTO read.migration (version_id, is_applied) VALUES (99999, true)"); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); !errors.Is(err, schema.ErrNewer) || !strings.Contains(err.Error(), "99999") {
		t.Errorf("got %v", err)
	}
}

func TestTheReaderMayOnlyRead(t *testing.T) {
	url := postgres.Database(t)
	if err := exec(t, url, "SET ROLE "+schema.Reader+"; SELECT * FROM read.session, read.game, read.account, read.playtime, read.checkpoint, read.picture_history"); err != nil {
		t.Error(err)
	}
	for _, write := range []string{
		"DELETE FROM read.session", "INSERT INTO read.checkpoint VALUES ('x', 1)", "UPDATE read.game SET title = ''",
		"DROP TABLE read.game", "CREATE TABLE read.x ()", "TRUNCATE read.playtime",
	} {
		if err := exec(t, url, "SET ROLE "+schema.Reader+"; "+write); err == nil {
			t.Errorf("the reader did %q", write)
		}
	}
}

func TestApplyNamesWhatIsWrong(t *testing.T) {
	if err := schema.Apply(t.Context(), "esdb://nowhere"); err == nil || !strings.Contains(err.Error(), "database URL") {
		t.Errorf("got %v", err)
	}
	if err := schema.Apply(t.Context(), "postgres://127.0.0.1:1/x"); err == nil || !strings.Contains(err.Error(), "migrate the database") {
		t.Errorf("got %v", err)
	}
}
