package queries

import (
	"context"
	"errors"
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
// and, while the listener finds it away, not at all. So who asks, and who waits
// for an answer, hears of it at once, and connections are tried by the listener
// alone.
type reach struct {
	pool  *pgxpool.Pool
	there atomic.Pointer[presence] // nil: it is away
}

var _ db.DBTX = (*reach)(nil)

// presence is a time in which the database is there.
type presence struct {
	ctx context.Context // ends with it
	end context.CancelFunc
}

// back says that the database is there, and whether it was away.
func (r *reach) back() bool {
	p := &presence{}
	p.ctx, p.end = context.WithCancel(context.Background())
	if r.there.CompareAndSwap(nil, p) {
		return true
	}
	p.end()
	return false
}

// lose says that the database is away, and whether it was there. What is being
// asked ends.
func (r *reach) lose() bool {
	p := r.there.Swap(nil)
	if p != nil {
		p.end()
	}
	return p != nil
}

func (r *reach) away() bool { return r.there.Load() == nil }

// bound is the time that a query has.
type bound struct {
	presence *presence
	end      func()
}

// bounded is the context of a query, if there is anything to ask. It ends with
// the bound.
func (r *reach) bounded(ctx context.Context) (context.Context, bound, error) {
	p := r.there.Load()
	if p == nil {
		return nil, bound{}, errAway
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	stop := context.AfterFunc(p.ctx, cancel)
	return ctx, bound{p, func() { stop(); cancel() }}, nil
}

// failed is a query's error; that it was given up is no doing of who asked.
func (b bound) failed(err error) error {
	if err != nil && b.presence.ctx.Err() != nil {
		return errors.Join(errAway, err)
	}
	return err
}

func (r *reach) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	ctx, bound, err := r.bounded(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer bound.end()
	tag, err := r.pool.Exec(ctx, sql, args...)
	return tag, bound.failed(err)
}

func (r *reach) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	ctx, bound, err := r.bounded(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.pool.Query(ctx, sql, args...)
	if err != nil {
		bound.end()
		return nil, bound.failed(err)
	}
	return boundedRows{rows, bound}, nil
}

func (r *reach) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	ctx, bound, err := r.bounded(ctx)
	if err != nil {
		return noRow{err}
	}
	return boundedRow{r.pool.QueryRow(ctx, sql, args...), bound}
}

// boundedRows end their query's time when they are closed.
type boundedRows struct {
	pgx.Rows
	bound bound
}

func (r boundedRows) Close() {
	r.Rows.Close()
	r.bound.end()
}

func (r boundedRows) Err() error { return r.bound.failed(r.Rows.Err()) }

type boundedRow struct {
	row   pgx.Row
	bound bound
}

func (r boundedRow) Scan(into ...any) error {
	defer r.bound.end()
	return r.bound.failed(r.row.Scan(into...))
}

type noRow struct{ err error }

func (r noRow) Scan(...any) error { return r.err }

// openPool opens connections that take on the reader's role. None is waited for
// without a bound.
func openPool(ctx context.Context, url string, with []Option) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectWithin
	}
	config.AfterConnect = asReader
	for _, change := range with {
		change(config)
	}
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
