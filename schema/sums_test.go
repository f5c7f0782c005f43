package schema_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/playcast/playcast/schema"
)

// refuses holds that a database is refused by words, and left as it is.
func refuses(t *testing.T, url string, why error, words ...string) {
	t.Helper()
	err := schema.Apply(t.Context(), url)
	if !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

func TestAMigrationThatWasChangedIsRefused(t *testing.T) {
	url := postgres.Database(t)
	change := func(table string) {
		t.Helper()
		if err := exec(t, url, "UPDATE "+table+" SET sum = 'another' WHERE version_id = 1"); err != nil {
			t.Fatal(err)
		}
	}
	change("read.migration")
	refuses(t, url, schema.ErrChanged, "00001_read_models.sql", "DROP SCHEMA read CASCADE", "fills it again")
	if err := exec(t, url, "DROP SCHEMA read CASCADE"); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatalf("after what it says: %v", err)
	}
	change("vault.migration")
	refuses(t, url, schema.ErrChanged, "00001_keys.sql", "restore the file", "start the playcast that made it", "don't drop")
}

func TestFilesAreThoseThatRan(t *testing.T) {
	url := postgres.Empty(t)
	files := fstest.MapFS{}
	put := func(name, statement string) {
		files[name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + statement + "\n")}
	}
	put("00001_one.sql", "CREATE TABLE read.one ();")
	put("00002_two.sql", "CREATE TABLE read.two ();")
	apply := func() error { return schema.Migrate(t.Context(), url, files) }
	for range 2 {
		if err := apply(); err != nil {
			t.Fatal(err)
		}
	}
	put("00003_three.sql", "CREATE TABLE read.three ();")
	if err := apply(); err != nil {
		t.Fatalf("one more: %v", err)
	}
	files["00002_two.sql"].Data = []byte("-- +goose Up\r\nCREATE TABLE read.two ();\r\n")
	if err := apply(); err != nil {
		t.Errorf("checked out with other ends of lines: %v", err)
	}
	put("00002_two.sql", "CREATE TABLE read.two (n integer);")
	put("00004_four.sql", "CREATE TABLE read.four ();")
	if err := apply(); !errors.Is(err, schema.ErrChanged) || !strings.Contains(err.Error(), "00002_two.sql was changed") {
		t.Errorf("one was changed: %v", err)
	}
	if err := exec(t, url, "SELECT FROM read.four"); err == nil {
		t.Error("what follows the one that was changed ran")
	}
	delete(files, "00002_two.sql")
	if err := apply(); !errors.Is(err, schema.ErrChanged) || !strings.Contains(err.Error(), "version 2 ran") {
		t.Errorf("one is gone: %v", err)
	}
}

// TestSumsAreKeptFromTheFirstSight: what ran before sums were kept is taken as it
// is now, once.
func TestSumsAreKeptFromTheFirstSight(t *testing.T) {
	url := postgres.Database(t)
	if err := exec(t, url, "ALTER TABLE read.migration DROP COLUMN sum; UPDATE vault.migration SET sum = NULL"); err != nil {
		t.Fatal(err)
	}
	if err := schema.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, url, `DO $$ BEGIN
		ASSERT (SELECT bool_and(length(sum) = 64) FROM read.migration WHERE version_id > 0);
		ASSERT (SELECT bool_and(length(sum) = 64) FROM vault.migration WHERE version_id > 0);
	END $$`); err != nil {
		t.Error(err)
	}
}
