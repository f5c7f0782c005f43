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

// heaped bounds the changed rows that a generation which nobody reads yet keeps
// in memory: a row that changes often is written once.
const heaped = 64 << 10

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
		builders[i].read(fan)
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

// builder makes one generation level with the live one, and then live. It is
// used by one goroutine.
type builder struct {
	*runner
	held *pgx.Conn // has the view's lock; not of the pool, which others wait for
	heap int       // see heaped; 0: everything is written as it comes
	done bool      // it stays

	fan   *feed.Fan
	from  *feed.Reader
	at    events.Position // folded up to here; written up to after
	over  feed.Run        // that was read and is not folded yet
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
	b := &builder{held: held, heap: heaped, began: time.Now()}
	err = pgx.BeginFunc(ctx, held, func(tx pgx.Tx) error {
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
		if err != nil {
			return err
		}
		b.runner = newRunner(pool, view, g, log)
		return free(ctx, tx, view, g)
	})
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", name, errors.Join(err, letGo(ctx, held)))
	}
	return b, nil
}

// hold takes a view's lock, which ends with letGo, or the connection.
func hold(ctx context.Context, pool *pgxpool.Pool, view string) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", view, err)
	}
	got, err := db.New(conn).HoldView(ctx, view)
	if err == nil && !got {
		err = ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", view, errors.Join(err, conn.Close(ctx)))
	}
	return conn, nil
}

// letGo frees the lock, and not some time after the connection has ended.
func letGo(ctx context.Context, held *pgx.Conn) error {
	if held.IsClosed() {
		return nil // it went with the connection
	}
	err := db.New(held).LetGo(ctx)
	if err = errors.Join(err, held.Close(ctx)); err != nil {
		return fmt.Errorf("let go of a view's lock: %w", err)
	}
	return nil
}

// close frees what the builder has. A generation that was not finished goes.
func (b *builder) close() error {
	b.from.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if !b.done {
		err = pgx.BeginFunc(ctx, b.held, func(tx pgx.Tx) error { return drop(ctx, tx, b.g) })
	}
	return errors.Join(err, letGo(ctx, b.held))
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

// index makes the indexes, and leaves nothing for the server to look through
// once the tables are live.
func (b *builder) index(ctx context.Context) error {
	_, sql, err := definitions(b.g)
	if err != nil {
		return err
	}
	if _, err := b.pool.Exec(ctx, sql); err != nil {
		return fmt.Errorf("view %s: make the indexes: %w", b.g.View, err)
	}
	for _, rows := range b.tables {
		if _, err := b.pool.Exec(ctx, "VACUUM (ANALYZE) "+rows.shape().in(schemaOf(b.g))); err != nil {
			return fmt.Errorf("view %s: %w", b.g.View, err)
		}
	}
	return nil
}

// read begins to read where the generation is.
func (b *builder) read(fan *feed.Fan) {
	if b.from != nil {
		b.from.Close()
	}
	b.fan, b.from, b.at, b.over = fan, fan.Reader(b.after), b.after, feed.Run{}
}

// reach goes on exactly to a position, and writes all up to it.
func (b *builder) reach(ctx context.Context, position events.Position) error {
	for b.after < position {
		err := b.some(ctx, position)
		piecemeal := b.heap > 0 && refused(err) // so that it shows which event is at fault
		if piecemeal {
			b.heap = 0
		}
		if piecemeal || errors.Is(err, errMoved) { // somebody else keeps it up to date, too
			if err = b.start(ctx); err == nil {
				b.read(b.fan)
			}
		}
		if err != nil {
			return fmt.Errorf("view %s: %w", b.g.View, err)
		}
	}
	return nil
}

// some folds what there is next, up to a position, and writes it when it is
// there or the heap is large.
func (b *builder) some(ctx context.Context, position events.Position) error {
	run := b.over
	if b.over = (feed.Run{}); run.Position <= b.at {
		var err error
		if run, err = b.from.Next(ctx, b.size); err != nil {
			return err
		}
	}
	end := len(run.Events)
	for end > 0 && run.Events[end-1].Position > position {
		end--
	}
	if run.Position > position {
		b.over = feed.Run{Events: run.Events[end:], Position: run.Position}
		run.Events, run.Position = run.Events[:end:end], position
	}
	of, err := b.wanted(run)
	if err != nil {
		return err
	}
	if b.heap == 0 {
		b.at = run.Position
		return b.apply(ctx, of, run.Position)
	}
	if _, _, err := b.fold(ctx, of); err != nil {
		return err
	}
	changed := 0
	for _, rows := range b.tables {
		changed += rows.changes()
	}
	if b.at = run.Position; b.at < position && changed < b.heap {
		return nil
	}
	return b.commit(ctx, step{reached: b.at})
}
