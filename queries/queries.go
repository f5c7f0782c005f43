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
	reach  *reach
	q      *db.Queries
	listen *listener
}

// Option is how a DB is opened otherwise than it usually is.
type Option func(*pgxpool.Config)

// Traced has every statement that is sent told of, with the context of who asks.
func Traced(by pgx.QueryTracer) Option {
	return func(c *pgxpool.Config) { c.ConnConfig.Tracer = by }
}

// Open connects to a database whose schema is applied. The caller closes it.
func Open(ctx context.Context, url string, log *slog.Logger, with ...Option) (*DB, error) {
	pool, err := openPool(ctx, url, with)
	if err != nil {
		return nil, err
	}
	r := &reach{pool: pool}
	r.back()
	return &DB{reach: r, q: db.New(r), listen: startListener(r, log)}, nil
}

// planned are questions whose statements are planned for the arguments that they
// come with: those where one index is right for some and another for others.
func (d *DB) planned() *db.Queries { return db.New(planning{d.reach}) }

type planning struct{ *reach }

func (p planning) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.reach.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

func (p planning) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.reach.QueryRow(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

// Close ends every watch and connection.
func (d *DB) Close() {
	d.listen.close()
	d.reach.lose()
	d.reach.pool.Close()
}

// ErrUnavailable is what a query returns while the database can't be reached.
var ErrUnavailable = &events.Fault{Kind: events.Unavailable, Code: "read-side-unavailable",
	Message: "What there is can't be looked up at the moment. What was accepted is recorded all the same. Try again in a moment."}

// errAway says that the database was not asked, since it can't be reached.
var errAway = errors.New("the database is away")

// ErrText refuses a question whose words can't be anything's name: the
// database takes no text that is not UTF-8, or has U+0000 in it.
var ErrText = &events.Fault{Kind: events.Invalid, Code: "text-invalid",
	Message: "What was asked for has characters in it that no name has. Check it, and ask again."}

const codeText = "22021" // character_not_in_repertoire

// failed names a query's error; a missing row becomes missing, text that is
// none ErrText, and a database that can't be reached ErrUnavailable.
func failed(operation string, err error, missing *events.Fault) error {
	if missing != nil && errors.Is(err, pgx.ErrNoRows) {
		return missing
	}
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Code == codeText {
		return ErrText
	}
	if isGone(err) {
		return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// isGone says that the connection failed and not the query: no connection was
// made, it broke, it is silent, or the server ended or refused it (SQLSTATE
// classes 08, 53, 55 and 57).
func isGone(err error) bool {
	var connect *pgconn.ConnectError
	var broken net.Error // a context's end by time is one
	var server *pgconn.PgError
	switch {
	case errors.Is(err, errAway), errors.As(err, &connect), errors.As(err, &broken), pgconn.SafeToRetry(err),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	case errors.As(err, &server) && len(server.Code) == 5:
		switch server.Code[:2] {
		case "08", "53", "55", "57":
			return true
		}
	}
	return false
}
