// Package queries answers questions from the read models: one file a question.
// It opens the database with a role that may only read.
//
// Read your own writes: a command's answer carries its log position; Await
// returns once a view has passed it. Watch tells of every change after its
// commit, so that a live page asks its question again.
package queries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// reader is the role that every connection takes on.
const reader = "playcast_reader"

// DB answers queries. It is safe for concurrent use.
type DB struct {
	pool   *pgxpool.Pool
	q      *db.Queries
	listen *listener
}

// Open connects to a database whose schema is applied. The caller closes it.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET ROLE "+reader+"; SET pg_trgm.word_similarity_threshold = "+likeness)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &DB{pool: pool, q: db.New(pool), listen: startListener(pool, log)}, nil
}

// planned are questions whose statements are planned for the arguments that they
// come with: those where one index is right for some and another for others.
func (d *DB) planned() *db.Queries { return db.New(planning{d.pool}) }

type planning struct{ *pgxpool.Pool }

func (p planning) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.Pool.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

func (p planning) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.Pool.QueryRow(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

// Close ends every watch and connection.
func (d *DB) Close() {
	d.listen.close()
	d.pool.Close()
}

// ErrUnavailable is what a query returns while the database can't be reached.
var ErrUnavailable = &events.Fault{Kind: events.Unavailable, Code: "read-side-unavailable",
	Message: "The read side can't be reached at the moment. Try again."}

// failed names a query's error; a missing row becomes missing, and a database
// that can't be reached ErrUnavailable.
func failed(operation string, err error, missing *events.Fault) error {
	if missing != nil && errors.Is(err, pgx.ErrNoRows) {
		return missing
	}
	if isGone(err) {
		return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// isGone says that the connection failed and not the query: no connection was
// made, it broke, or the server ended it (SQLSTATE classes 08, 57 and 55).
func isGone(err error) bool {
	var connect *pgconn.ConnectError
	var broken net.Error
	var server *pgconn.PgError
	switch {
	case errors.As(err, &connect), errors.As(err, &broken), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	case errors.As(err, &server) && len(server.Code) == 5:
		class := server.Code[:2]
		return class == "08" || class == "57" || class == "55"
	}
	return false
}
