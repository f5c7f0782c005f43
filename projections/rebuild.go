package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections/internal/db"
)

// atOnceBuilding bounds the events of one transaction of a generation that
// nobody reads yet: the more, the less often a row is written.
const atOnceBuilding = 48 << 10

// ErrBusy says that a view is being built or switched by another process.
var ErrBusy = errors.New("another process is building or switching this view: wait for it")

// Rebuilt says what became of a view.
type Rebuilt struct {
	View       string        `json:"view"`
	Generation int           `json:"generation"` // that is live now
	Events     int64         `json:"events"`     // of the log that it is made of
	Took       time.Duration `json:"took_ns"`
	// Compared says whether every table was found equal to that of the
	// generation before, at one position; else Reason says why it was not compared.
	Compared bool   `json:"compared"`
	Reason   string `json:"reason,omitempty"`
}

// Rebuilding is how views are rebuilt.
type Rebuilding struct {
	// EvenIfDifferent takes a generation that is not equal to the live one, too.
	EvenIfDifferent bool
}

// Rebuild builds the next generation of views from the start of the log, side
// by side, while the live ones are read and go on. Each is compared with the
// live one where both are of one version, and then takes its place in one
// transaction. What was live is kept as the previous one. A generation that was
// not finished, or is not equal (*DifferentError), is dropped.
func (o Rebuilding) Rebuild(ctx context.Context, pool *pgxpool.Pool, store events.Store, names []string, log *slog.Logger) ([]Rebuilt, error) {
	head, err := store.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	builders := make([]*builder, len(names))
	fan := feed.NewFan(store, true)
	for i, name := range names {
		if builders[i], err = newBuilder(ctx, pool, name, log); err != nil {
			break
		}
		builders[i].from = fan.Reader(events.Start)
	}
	results, failures := make([]Rebuilt, len(names)), make([]error, len(names))
	var group sync.WaitGroup
	for i, b := range builders {
		if b == nil {
			continue
		}
		group.Go(func() {
			if err == nil {
				results[i], failures[i] = b.build(ctx, head, o.EvenIfDifferent)
			}
			failures[i] = errors.Join(failures[i], b.close())
		})
	}
	group.Wait()
	return results, errors.Join(append(failures, err)...)
}

// builder makes one generation.
type builder struct {
	*runner
	from  *feed.Reader
	over  feed.Run      // that was read and is not applied yet
	held  *pgxpool.Conn // has the view's lock
	done  bool
	began time.Time
}

func newBuilder(ctx context.Context, pool *pgxpool.Pool, name string, log *slog.Logger) (*builder, error) {
	view, err := Named(name)
	if err != nil {
		return nil, err
	}
	held, err := hold(ctx, pool, name)
	if err != nil {
		return nil, err
	}
	b := &builder{held: held, began: time.Now()}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		left, err := db.New(tx).InState(ctx, db.InStateParams{View: name, State: building})
		if err == nil {
			err = drop(ctx, tx, left) // of a process that was killed
		} else if errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
		if err != nil {
			return err
		}
		g, err := create(ctx, tx, view, building)
		b.runner = newRunner(pool, view, g, log)
		b.size = atOnceBuilding
		return err
	})
	if err != nil {
		held.Release()
		return nil, fmt.Errorf("view %s: %w", name, err)
	}
	return b, nil
}

// hold takes a view's lock, which ends with the connection.
func hold(ctx context.Context, pool *pgxpool.Pool, view string) (*pgxpool.Conn, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", view, err)
	}
	got, err := db.New(conn).HoldView(ctx, view)
	if err == nil && !got {
		err = ErrBusy
	}
	if err != nil {
		conn.Release()
		return nil, fmt.Errorf("view %s: %w", view, err)
	}
	return conn, nil
}

// close frees what the builder has. A generation that was not finished goes.
func (b *builder) close() error {
	b.from.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if !b.done {
		err = pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error { return drop(ctx, tx, b.g) })
	}
	raw := b.held.Hijack() // its lock ends with it
	return errors.Join(err, raw.Close(ctx))
}

func (b *builder) build(ctx context.Context, head events.Position, even bool) (Rebuilt, error) {
	out := Rebuilt{View: b.g.View, Generation: int(b.g.Generation)}
	if err := b.start(ctx); err != nil {
		return out, err
	}
	if err := b.reach(ctx, head); err != nil {
		return out, err
	}
	if err := b.index(ctx); err != nil {
		return out, err
	}
	reason, err := b.compare(ctx)
	var different *DifferentError
	switch {
	case even && errors.As(err, &different):
		reason = "it is different, and wanted"
	case err != nil:
		return out, err
	}
	out.Compared, out.Reason = reason == "", reason
	if err := b.replace(ctx); err != nil {
		return out, err
	}
	b.done = true
	g, err := db.New(b.pool).Generation(ctx, db.GenerationParams{View: b.g.View, Generation: b.g.Generation})
	out.Events, out.Took = g.Seen, time.Since(b.began)
	return out, err
}

// index makes the indexes, and has the planner know the new tables.
func (b *builder) index(ctx context.Context) error {
	_, sql, err := definitions(b.g)
	if err != nil {
		return err
	}
	for _, rows := range b.tables {
		sql += "ANALYZE " + rows.shape().in(schemaOf(b.g)) + ";"
	}
	if _, err := b.pool.Exec(ctx, sql); err != nil {
		return fmt.Errorf("view %s: make the indexes: %w", b.g.View, err)
	}
	return nil
}

// reach goes on exactly to a position. What was read further is kept for later.
func (b *builder) reach(ctx context.Context, position events.Position) error {
	for b.after < position {
		err := b.some(ctx, position)
		if errors.Is(err, errMoved) { // somebody else keeps it up to date, too
			err = b.start(ctx)
		}
		if err != nil {
			return fmt.Errorf("view %s: %w", b.g.View, err)
		}
	}
	return nil
}

// some applies what there is next, up to a position.
func (b *builder) some(ctx context.Context, position events.Position) error {
	run := b.over
	if b.over = (feed.Run{}); run.Position <= b.after {
		var err error
		if run, err = b.from.Next(ctx, b.size); err != nil {
			return err
		}
	}
	first, end := 0, len(run.Events)
	for first < end && run.Events[first].Position <= b.after {
		first++
	}
	for end > first && run.Events[end-1].Position > position {
		end--
	}
	if run.Position > position {
		b.over = feed.Run{Events: run.Events[end:], Position: run.Position}
		run.Position = position
	}
	run.Events = run.Events[first:end:end]
	if err := b.take(ctx, run); err != nil {
		return err
	}
	if b.quiet.reached > b.after {
		return b.rest(ctx)
	}
	return nil
}
