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
	"github.com/jackc/pgx/v5/pgconn"
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

// ErrStopped marks the failure of a view: an event could not be applied, and
// applying it again would fail again.
var ErrStopped = errors.New("the view has stopped")

// errNoRow says that an event changes a row that should be there and is not.
var errNoRow = errors.New("the row that the event changes is not there")

// runner keeps one generation of a view up to date. It is used by one goroutine.
type runner struct {
	writer
	view  View
	wants map[string]bool
	known map[string]bool
	log   *slog.Logger

	size  int // of a transaction, in events, at most
	after events.Position
	quiet step // what was seen since and changes no row
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
		case ctx.Err() != nil, errors.Is(err, pgx.ErrNoRows):
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
		g, err := db.New(r.pool).Generation(ctx, db.GenerationParams{View: r.g.View, Generation: r.g.Generation})
		if err != nil {
			return fmt.Errorf("read the checkpoint: %w", err)
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

// start reads where the generation is. What was known of its rows is forgotten.
func (r *runner) start(ctx context.Context) error {
	g, err := db.New(r.pool).Generation(ctx, db.GenerationParams{View: r.g.View, Generation: r.g.Generation})
	if err != nil {
		return fmt.Errorf("read the checkpoint: %w", err)
	}
	r.after, r.state, r.quiet = events.Position(g.Position), g.State, step{}
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

// take applies a run of events.
func (r *runner) take(ctx context.Context, run feed.Run) error {
	of, err := r.wanted(run)
	var stop *stopped
	if errors.As(err, &stop) {
		if err := r.apply(ctx, of, stop.at.Position-1); err != nil {
			return err
		}
		return stop
	}
	if len(of) > 0 {
		return r.apply(ctx, of, run.Position)
	}
	if r.quiet.reached <= r.after {
		r.since = time.Now()
	}
	r.quiet.reached = max(r.quiet.reached, run.Position)
	if time.Since(r.since) >= lazily && r.quiet.reached > r.after {
		return r.rest(ctx)
	}
	return nil
}

// wanted counts the events of a run, and returns those that the view wants; up
// to one of a type that nobody knows, which may concern it.
func (r *runner) wanted(run feed.Run) (of []*feed.Event, err error) {
	for _, e := range run.Events {
		if !r.known[e.Type] {
			_, _, err := e.Decode()
			return of, &stopped{at: e, err: err}
		}
		if r.wants[e.Type] {
			of = append(of, e)
		}
		r.quiet.events++
		r.quiet.newest = &e.Time
	}
	return of, nil
}

// apply folds events and commits what comes of it, in smaller parts when there
// is one among them that can't be applied.
func (r *runner) apply(ctx context.Context, of []*feed.Event, reached events.Position) error {
	told, good, err := r.fold(ctx, of)
	var stop *stopped
	switch {
	case errors.As(err, &stop):
		r.forget()
		if good > 0 {
			if err := r.apply(ctx, of[:good], of[good-1].Position); err != nil {
				return err
			}
		}
		return stop
	case err != nil:
		return err
	}
	err = r.commit(ctx, step{reached: reached, told: told})
	if err == nil || ctx.Err() != nil || !refused(err) || len(of) == 0 {
		return err
	}
	r.forget()
	if len(of) == 1 {
		return &stopped{at: of[0], err: err}
	}
	half := len(of) / 2
	if err := r.apply(ctx, of[:half], of[half-1].Position); err != nil {
		return err
	}
	return r.apply(ctx, of[half:], reached)
}

// fold has the view change its rows. It returns the streams to tell of, and on
// an error how many events were good.
func (r *runner) fold(ctx context.Context, of []*feed.Event) (told []events.Stream, good int, err error) {
	noted := make([]Noted, len(of))
	for i, e := range of {
		event, meta, err := e.Decode()
		if err != nil {
			return nil, i, &stopped{at: e, err: err}
		}
		noted[i] = Noted{Event: event, ID: e.ID, Meta: meta, Stream: e.Stream, Position: int64(e.Position), At: e.Time}
	}
	if err := r.load(ctx, noted); err != nil {
		return nil, 0, err
	}
	for i := range noted {
		n := &noted[i]
		n.told = append(n.told[:0], n.Stream)
		err := r.view.Fold(n)
		for _, rows := range r.tables {
			if failure := rows.failure(); failure != nil {
				return nil, i, failure
			}
		}
		if err != nil {
			return nil, i, &stopped{at: of[i], err: err}
		}
		told = append(told, n.told...)
	}
	return told, len(of), nil
}

// load has the rows at hand that a fold will ask for: it folds once for the
// keys alone. A key that it does not come by, since it depends on a row, is
// loaded when it is asked for.
func (r *runner) load(ctx context.Context, noted []Noted) error {
	certain := true
	for _, rows := range r.tables {
		certain = certain && rows.certain()
	}
	if certain {
		return nil
	}
	for _, rows := range r.tables {
		rows.rehearse()
	}
	for i := range noted {
		n := noted[i]
		_ = r.view.Fold(&n) // there are no rows yet for it to be right about
	}
	in := storage{query: r.pool.Query, schema: schemaOf(r.g)}
	for _, rows := range r.tables {
		if err := rows.prepare(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// commit writes what was folded, and what was seen before it.
func (r *runner) commit(ctx context.Context, s step) error {
	s.after, s.events, s.newest = r.after, r.quiet.events, r.quiet.newest
	state, err := r.write(ctx, s)
	if err != nil {
		return err
	}
	for _, rows := range r.tables {
		rows.keep()
	}
	r.after, r.state, r.quiet = s.reached, state, step{}
	return nil
}

func (r *runner) forget() {
	for _, rows := range r.tables {
		rows.forget()
	}
}

// record keeps what the view has stopped at, for people to see.
func (r *runner) record(ctx context.Context, s *stopped) error {
	_, err := db.New(r.pool).Fail(ctx, db.FailParams{View: r.g.View, Generation: r.g.Generation, Failed: s.name(), Failure: s.err.Error()})
	return err
}

// stopped is the end of a view at an event.
type stopped struct {
	at  *feed.Event
	err error
}

func (s *stopped) name() string {
	return fmt.Sprintf("%s of %s@%d", s.at.Type, s.at.Stream, s.at.Revision)
}

func (s *stopped) Error() string { return fmt.Sprintf("%v: apply %s: %v", ErrStopped, s.name(), s.err) }

func (s *stopped) Unwrap() []error { return []error{ErrStopped, s.err} }

// refused says that the rows are at fault, and not the connection: the data is
// refused by a type or constraint (SQLSTATE classes 22 and 23), or can't be
// written at all.
func refused(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 {
		return pg.Code[:2] == "22" || pg.Code[:2] == "23"
	}
	return false
}
