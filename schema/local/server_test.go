package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/schema/local"
)

func TestStartCreatesAndKeepsTheCluster(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	exec(t, s, "CREATE TABLE kept (name text)")
	exec(t, s, "INSERT INTO kept VALUES ('Ärger')")
	if got := query(t, s, "SELECT upper(name) FROM kept"); got != "ÄRGER" {
		t.Errorf("upper case of a letter beyond ASCII = %q, want ÄRGER", got)
	}
	if got := query(t, s, "SELECT current_setting('listen_addresses') || current_setting('synchronous_commit')"); got != "on" {
		t.Errorf("listen_addresses and synchronous_commit = %q, want no address and on", got)
	}
	closeServer(t, s)

	began := time.Now()
	s = start(t, dir)
	t.Logf("second start took %s", time.Since(began))
	if got := query(t, s, "SELECT count(*)::text FROM kept"); got != "1" {
		t.Errorf("rows after the second start = %s, want 1", got)
	}
	closeServer(t, s)
	if err := s.Close(); err != nil {
		t.Errorf("a second Close = %v, want nil", err)
	}
}

func TestStartBelowAClosedDirectory(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, filepath.Join(closed, "data"))
	defer closeServer(t, s)
	exec(t, s, "CREATE TABLE reached ()")
}

func TestStartInALongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long-", 30))
	s := start(t, dir)
	defer closeServer(t, s)
	if got := query(t, s, "SELECT current_database()::text"); got != "playcast" {
		t.Errorf("database = %q, want playcast", got)
	}
}

func TestCloseEndsConnectionsThatStay(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	conn := connect(t, s)
	closeServer(t, s)
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("a connection outlived its server")
	}
}

func TestStartRefusesASecondUser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	defer closeServer(t, s)
	_, err := local.Start(t.Context(), local.Config{Dir: dir})
	var inUse *local.InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("second Start = %v, want an InUseError", err)
	}
	exec(t, s, "SELECT 1") // the first is unharmed
}

func TestStartRefusesAnotherVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cluster := filepath.Join(dir, "cluster")
	if err := os.Mkdir(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), local.Config{Dir: dir})
	var version *local.VersionError
	if !errors.As(err, &version) || version.Cluster != "9" || len(version.Installed) == 0 {
		t.Fatalf("Start = %v, want a VersionError naming 9 and what is installed", err)
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := local.Start(t.Context(), local.Config{Dir: t.TempDir(), BinDir: t.TempDir()})
	var missing *local.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Fatalf("Start = %v, want a MissingError that says how to install", err)
	}
}

func TestStartRefusesAForeignDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cluster"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Start(t.Context(), local.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "holds no PostgreSQL cluster") {
		t.Fatalf("Start = %v, want an error that says there is no cluster", err)
	}
}

func TestStartThrowsAnUnfinishedClusterAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	half := filepath.Join(dir, "cluster.new")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	closeServer(t, start(t, dir))
}

func TestStartShowsTheServersOwnWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closeServer(t, start(t, dir))
	if err := os.Remove(filepath.Join(dir, "cluster", "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Start(t.Context(), local.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "could not find the database system") {
		t.Fatalf("Start = %v, want what PostgreSQL said", err)
	}
}

func start(t *testing.T, dir string) *local.Server {
	t.Helper()
	s, err := local.Start(t.Context(), local.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	// Also when the test fails half-way; t.Context is over by then.
	t.Cleanup(func() { s.Close() })
	return s
}

func closeServer(t *testing.T, s *local.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	<-s.Exited()
}

func connect(t *testing.T, s *local.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, s *local.Server, sql string) {
	t.Helper()
	conn := connect(t, s)
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func query(t *testing.T, s *local.Server, sql string) string {
	t.Helper()
	conn := connect(t, s)
	defer conn.Close(t.Context())
	var text string
	if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return text
}
