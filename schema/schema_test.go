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

// upTo runs the migrations up to a version, as a playcast of before did.
func upTo(t *testing.T, url string, version int64) {
	t.Helper()
	postgres.Database(t) // for the roles, which are the server's
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"), goose.WithTableName("read.migration"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
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
	if err := exec(t, url, "SELECT * FROM read.generation, read.checkpoint"); err != nil {
		t.Error(err)
	}
}

// TestTheTablesOfBeforeAreFilledAnew: a database from before views had generations
// loses its rows and checkpoints, which are derived, and keeps its keys.
func TestTheTablesOfBeforeAreFilledAnew(t *testing.T) {
	url := postgres.Empty(t)
	if err := exec(t, url, `CREATE SCHEMA read`); err != nil {
		t.Fatal(err)
	}
	upTo(t, url, 9)
	if err := exec(t, url, `INSERT INTO read.checkpoint VALUES ('session', 7);
		INSERT INTO read.session (session_id, player_id, game_id, title, state, requested_at, queued_as, requested_pos, position)
		VALUES (gen_random_uuid(), 'anna', 'doom', 'Doom', 'queued', now(), now(), 7, 7)`); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, url, `DO $$ BEGIN
		ASSERT to_regclass('read.session') IS NULL;
		ASSERT (SELECT count(*) FROM read.checkpoint) = 0;
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
	if err := exec(t, url, "SET ROLE "+schema.Reader+"; SELECT * FROM read.generation, read.checkpoint"); err != nil {
		t.Error(err)
	}
	for _, write := range []string{
		"DELETE FROM read.generation", "UPDATE read.generation SET position = 0", "INSERT INTO read.generation VALUES ('x', 1, 1, 'live')",
		"DROP TABLE read.generation", "CREATE TABLE read.x ()", "TRUNCATE read.generation", "SELECT * FROM vault.key",
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

func TestWhatIsBuiltUponTheTablesOfBeforeIsNamed(t *testing.T) {
	url := postgres.Empty(t)
	if err := exec(t, url, "CREATE SCHEMA read"); err != nil {
		t.Fatal(err)
	}
	upTo(t, url, 9)
	if err := exec(t, url, "CREATE SCHEMA my; CREATE VIEW my.report AS SELECT state FROM read.session"); err != nil {
		t.Fatal(err)
	}
	err := schema.Apply(t.Context(), url)
	if !errors.Is(err, schema.ErrBuiltUpon) || !strings.Contains(err.Error(), "view my.report depends on table read.session") {
		t.Errorf("applied: %v", err)
	}
	if err := exec(t, url, "SELECT state FROM my.report; DROP VIEW my.report"); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Error(err)
	}
}
