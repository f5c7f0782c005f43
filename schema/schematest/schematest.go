// Package schematest gives tests databases of their own on a PostgreSQL that
// lives as long as the test binary.
package schematest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/local"
)

// Server is a PostgreSQL for tests.
type Server struct {
	// Prepare is what is done to a database besides applying the schema; may be nil.
	Prepare func(ctx context.Context, url string) error

	url       string
	databases atomic.Int64

	migrate  sync.Once
	template string // a database that has the schema; others are copied from it
	failure  error
}

// Run starts a server, runs a package's tests with it, and ends it. It is for
// TestMain, and returns the exit code.
func Run(m *testing.M, use func(*Server)) int {
	dir, err := os.MkdirTemp("", "schematest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	server, err := local.Start(context.Background(), local.Config{Dir: dir, Throwaway: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	use(&Server{url: server.URL()})
	code := m.Run()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Empty returns the URL of a new database without a schema.
func (s *Server) Empty(t testing.TB) string {
	t.Helper()
	name, err := s.create(t.Context(), "template1")
	if err != nil {
		t.Fatal(err)
	}
	return s.urlOf(name)
}

// create makes a database as a copy of another one.
func (s *Server) create(ctx context.Context, template string) (string, error) {
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
	return name, err
}

func (s *Server) urlOf(name string) string {
	return strings.Replace(s.url, "/playcast?", "/"+name+"?", 1)
}

// Database returns the URL of a new database with the schema applied, and
// prepared.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.migrate.Do(func() {
		if s.template, s.failure = s.create(t.Context(), "template1"); s.failure == nil {
			s.failure = schema.Apply(t.Context(), s.urlOf(s.template))
		}
		if s.failure == nil && s.Prepare != nil {
			s.failure = s.Prepare(t.Context(), s.urlOf(s.template))
		}
	})
	if s.failure != nil {
		t.Fatal(s.failure)
	}
	name, err := s.create(t.Context(), s.template)
	if err != nil {
		t.Fatal(err)
	}
	return s.urlOf(name)
}

// Dump returns every row of every read model, in order: equal dumps are equal
// read models. Checkpoints are left out on request, since histories that end
// differently lead to the same rows.
func Dump(t testing.TB, url string, checkpoints bool) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	rows, err := conn.Query(t.Context(), `SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'read' AND table_name NOT IN ('migration', 'generation') ORDER BY table_name`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var dump strings.Builder
	for _, table := range tables {
		if table == "checkpoint" && !checkpoints {
			continue
		}
		rows, err := conn.Query(t.Context(), "SELECT r::text FROM read."+table+" r ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			fmt.Fprintf(&dump, "%s %s\n", table, line)
		}
	}
	return dump.String()
}
