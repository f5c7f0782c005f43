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

// ErrNoPrevious says that a view has nothing to go back to.
var ErrNoPrevious = errors.New("there is no previous generation of this view")

// Back makes the previous generation of a view the live one, once it is level.
// What was live becomes the previous one, so that a second Back undoes the first.
func Back(ctx context.Context, pool *pgxpool.Pool, store events.Store, name string, log *slog.Logger) (err error) {
	view, err := Named(name)
	if err != nil {
		return err
	}
	held, err := hold(ctx, pool, name)
	if err != nil {
		return err
	}
	b := &builder{held: held, done: true}
	g, err := db.New(pool).InState(ctx, db.InStateParams{View: name, State: previous})
	if err == nil && int(g.Version) != view.Version() {
		err = fmt.Errorf("the previous generation is of version %d, and this playcast knows %d: start the one that made it", g.Version, view.Version())
	}
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNoPrevious
	}
	if err != nil {
		return fmt.Errorf("view %s: %w", name, errors.Join(err, letGo(ctx, held)))
	}
	b.runner = newRunner(pool, view, g, log)
	err = b.start(ctx)
	b.read(feed.NewFan(store, true))
	defer func() { err = errors.Join(err, b.close()) }()
	if err != nil {
		return fmt.Errorf("view %s: %w", name, err)
	}
	return b.replace(ctx)
}

// Drop frees the previous generation of a view.
func Drop(ctx context.Context, pool *pgxpool.Pool, name string) error {
	if _, err := Named(name); err != nil {
		return err
	}
	held, err := hold(ctx, pool, name)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, held, func(tx pgx.Tx) error {
		g, err := db.New(tx).LockInState(ctx, db.LockInStateParams{View: name, State: previous})
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoPrevious
		}
		if err != nil {
			return err
		}
		return drop(ctx, tx, g)
	})
	if err = errors.Join(err, letGo(context.WithoutCancel(ctx), held)); err != nil {
		return fmt.Errorf("view %s: %w", name, err)
	}
	return nil
}

// replace makes the generation the live one, in one transaction, at a position
// at or after the live one's. Readers see the one or the other, and wait for
// milliseconds at most: an attempt that does not get its locks lets go of them,
// and the next one comes the later, the more there were.
func (b *builder) replace(ctx context.Context) error {
	for pause := look; ; pause = min(2*pause, longestWait) {
		shown, err := db.New(b.pool).InState(ctx, db.InStateParams{View: b.g.View, State: live})
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("view %s: read the live checkpoint: %w", b.g.View, err)
		}
		if err := b.reach(ctx, events.Position(shown.Position)); err != nil { // the most of it, before anybody waits
			return err
		}
		err = pgx.BeginFunc(ctx, b.held, func(tx pgx.Tx) error { return b.swap(ctx, tx) })
		if err == nil || !locked(err) && b.isLive(ctx) { // the answer may be lost
			return nil
		}
		if !locked(err) {
			return err
		}
		if pause == 4*look {
			who, err := readersOf(ctx, b.pool, b.view)
			b.log.Warn("the switch waits until long transactions of readers end", "who", who, "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (b *builder) isLive(ctx context.Context) bool {
	g, err := b.checkpoint(ctx)
	return err == nil && g.State == live
}

// longestWait is the longest pause between attempts to switch.
const longestWait = 5 * time.Second

func (b *builder) swap(ctx context.Context, tx pgx.Tx) error {
	q := db.New(tx)
	if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", aside.Milliseconds())); err != nil {
		return err
	}
	old, err := q.InState(ctx, db.InStateParams{View: b.g.View, State: previous})
	if err == nil && old.Generation != b.g.Generation {
		err = drop(ctx, tx, old)
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("view %s: %w", b.g.View, err)
	}
	was, err := q.LockInState(ctx, db.LockInStateParams{View: b.g.View, State: live})
	found := !errors.Is(err, pgx.ErrNoRows)
	if found && err != nil {
		return fmt.Errorf("view %s: lock the live checkpoint: %w", b.g.View, err)
	}
	if err := b.reach(ctx, events.Position(was.Position)); err != nil {
		return err
	}
	if found {
		if _, err := q.SetState(ctx, db.SetStateParams{View: was.View, Generation: was.Generation, State: previous}); err != nil {
			return fmt.Errorf("view %s: keep generation %d: %w", b.g.View, was.Generation, err)
		}
	}
	if _, err := q.SetState(ctx, db.SetStateParams{View: b.g.View, Generation: b.g.Generation, State: live}); err != nil {
		return fmt.Errorf("view %s: switch to generation %d: %w", b.g.View, b.g.Generation, err)
	}
	if err := show(ctx, tx, b.view, b.g, time.Now().Add(aside)); err != nil {
		return fmt.Errorf("view %s: %w", b.g.View, err)
	}
	// Without keys: anything may be different.
	return q.Notify(ctx, fmt.Sprintf(`{"view":%q,"position":%d}`, b.g.View, b.after))
}

// locked says that a lock was not got in time.
func locked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "55P03" || pg.Code == "40P01")
}
