package queries

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/queries/internal/db"
)

const (
	// connectWithin bounds an attempt to connect, where the URL does not say so.
	connectWithin = 5 * time.Second
	// answerWithin bounds a query with the wait for a connection: of what is
	// silent, nothing more is to be expected.
	answerWithin = 3 * time.Second
)

// reach is the database as questions reach it: not for longer than answerWithin,
// and, while the listener finds it away, not at all. So who asks hears of it at
// once, and connections are tried by the listener alone.
type reach struct {
	pool *pgxpool.Pool
	away atomic.Bool
}

var _ db.DBTX = (*reach)(nil)

// bounded is the context of a query, if there is anything to ask.
func (r *reach) bounded(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if r.away.Load() {
		return nil, nil, errAway
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	return ctx, cancel, nil
}

func (r *reach) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	ctx, cancel, err := r.bounded(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer cancel()
	return r.pool.Exec(ctx, sql, args...)
}

func (r *reach) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	ctx, cancel, err := r.bounded(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.pool.Query(ctx, sql, args...)
	if err != nil {
		cancel()
		return nil, err
	}
	return boundedRows{rows, cancel}, nil
}

func (r *reach) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	ctx, cancel, err := r.bounded(ctx)
	if err != nil {
		return noRow{err}
	}
	return boundedRow{r.pool.QueryRow(ctx, sql, args...), cancel}
}

// boundedRows end their query's context when they are closed.
type boundedRows struct {
	pgx.Rows
	cancel context.CancelFunc
}

func (r boundedRows) Close() {
	r.Rows.Close()
	r.cancel()
}

type boundedRow struct {
	row    pgx.Row
	cancel context.CancelFunc
}

func (r boundedRow) Scan(into ...any) error {
	defer r.cancel()
	return r.row.Scan(into...)
}

type noRow struct{ err error }

func (r noRow) Scan(...any) error { return r.err }

// openPool opens connections that take on the reader's role. None is waited for
// without a bound.
func openPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectWithin
	}
	config.AfterConnect = asReader
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}

func asReader(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET ROLE "+reader)
	return err
}
