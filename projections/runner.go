// Package projections fills the read models from the log.
//
//	feed ─▶ run of events ─▶ fold ─▶ one transaction: rows, checkpoint, notification ─▶ commit
//
// Each view has a runner and a checkpoint of its own. The checkpoint moves in
// the transaction of the rows, so that each event counts exactly once whatever
// fails in between. The notification reaches listeners after the commit only.
// Within a view the order is the log's; between views there is none.
package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections/internal/db"
)

// atOnce bounds the events of one transaction.
const atOnce = 16 << 10

// lazily is how long a checkpoint waits that no row goes with.
const lazily = 50 * time.Millisecond

// handOver is how long another runner has to be still for one to take its place.
const handOver = time.Second

// The pauses between attempts to go on after a failure of the store or the
// database.
const (
	shortestPause = 50 * time.Millisecond
	longestPause  = 500 * time.Millisecond
)

// errGone says that there is no such generation any more. There may be another one
// of its number, if the schema read was dropped.
var errGone = errors.New("the generation is gone")

// runner keeps one generation of a view up to date. It is used by one goroutine.
type runner struct {
	writer
	view  View
	wants map[string]bool
	known map[string]bool
	log   *slog.Logger

	size  int // of a transaction, in events, at most
	after events.Position
	quiet step          // what was seen since and changes no row
	seen  []*feed.Event // of the last run, and not counted yet
	since time.Time
	state string
}

func newRunner(pool *pgxpool.Pool, view View, g generation, log *slog.Logger) *runner {
	r := &runner{
		writer: writer{pool: pool, g: g, tables: view.Tables(), partitions: map[string]bool{}},
		view:   view, wants: map[string]bool{}, known: map[string]bool{}, size: atOnce,
		log: log.With("view", g.View, "generation", g.Generation),
	}
	for _, e := range view.Wants() {
		r.wants[e.EventType()] = true
	}
	for _, name := range events.Types() {
		r.known[name] = true
	}
	return r
}

// run follows the log until the context ends (nil), the generation is gone
// (nil), or an event can't be applied: ErrStopped, with the event's name, which
// is also recorded. While the store or the database can't be reached it tries
// again, from the checkpoint.
func (r *runner) run(ctx context.Context, fan *feed.Fan, changed func()) error {
	pause := shortestPause
	for {
		began := time.Now()
		err := r.follow(ctx, fan, changed)
		var stop *stopped
		switch {
		case ctx.Err() != nil, errors.Is(err, errGone):
			return nil
		case errors.As(err, &stop):
			if err := r.record(ctx, stop); err != nil {
				r.log.Error("what the view has stopped at is not recorded", "error", err)
			}
			return fmt.Errorf("view %s: %w", r.g.View, err)
		case errors.Is(err, events.ErrStoreClosed):
			return fmt.Errorf("view %s: %w", r.g.View, err)
		case errors.Is(err, errMoved):
			err = r.standBy(ctx)
			if ctx.Err() != nil || err == nil {
				continue
			}
		}
		if readOnly(err) {
			r.pool.Reset() // another server may have become the one that is written to
		}
		if time.Since(began) > longestPause {
			pause = shortestPause
		}
		level := slog.LevelWarn
		if pause > shortestPause {
			level = slog.LevelDebug // it was said
		}
		r.log.Log(ctx, level, "the view is held up and tries again", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// standBy leaves the generation to another runner for as long as that one
// moves it.
func (r *runner) standBy(ctx context.Context) error {
	for moved := true; moved; {
		if err := r.start(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(handOver):
		}
		g, err := r.checkpoint(ctx)
		if err != nil {
			return err
		}
		moved = events.Position(g.Position) != r.after
	}
	return nil
}

func (r *runner) follow(ctx context.Context, fan *feed.Fan, changed func()) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	from := fan.Reader(r.after)
	defer from.Close()
	state := r.state
	for {
		if err := r.next(ctx, from); err != nil {
			return err
		}
		if r.state != state {
			state = r.state
			changed()
		}
	}
}

// checkpoint reads how far the generation is; errGone: there is none.
func (r *runner) checkpoint(ctx context.Context) (generation, error) {
	g, err := db.New(r.pool).Generation(ctx, db.GenerationParams{View: r.g.View, Generation: r.g.Generation})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !g.MadeAt.Equal(r.g.MadeAt) {
		err = errGone
	}
	if err != nil {
		return g, fmt.Errorf("read the checkpoint: %w", err)
	}
	return g, nil
}

// start reads where the generation is. What was known of its rows is forgotten.
func (r *runner) start(ctx context.Context) error {
	g, err := r.checkpoint(ctx)
	if err != nil {
		return err
	}
	r.after, r.state, r.quiet, r.seen = events.Position(g.Position), g.State, step{}, nil
	for _, rows := range r.tables {
		if rows.forget(); g.Position == 0 {
			rows.begin()
		}
	}
	return nil
}

// next takes what there is next. Events of no interest move the checkpoint with
// what comes after them, or after a moment.
func (r *runner) next(ctx context.Context, from *feed.Reader) error {
	wait, cancel := ctx, context.CancelFunc(func() {})
	if r.quiet.reached > r.after {
		wait, cancel = context.WithDeadline(ctx, r.since.Add(lazily))
	}
	run, err := from.Next(wait, r.size)
	cancel()
	if err != nil && ctx.Err() == nil && wait.Err() != nil {
		return r.rest(ctx)
	}
	if err != nil {
		return err
	}
	return r.take(ctx, run)
}

// rest moves the checkpoint over what changes no row.
func (r *runner) rest(ctx context.Context) error {
	return r.commit(ctx, step{reached: r.quiet.reached})
}

// commit writes what was folded, and what was seen before it.
func (r *runner) commit(ctx context.Context, s step) error {
	n := upTo(r.seen, s.reached)
	s.after, s.events, s.newest = r.after, r.quiet.events, r.quiet.newest
	s.count(r.seen[:n])
	state, err := r.write(ctx, s)
	if err != nil {
		return err
	}
	for _, rows := range r.tables {
		rows.keep()
	}
	r.after, r.state, r.quiet, r.seen = s.reached, state, step{}, r.seen[n:]
	return nil
}

func (r *runner) forget() {
	for _, rows := range r.tables {
		rows.forget()
	}
}
