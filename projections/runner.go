// Package projections fills the read models from the log.
//
//	feed ─▶ batch ─▶ one transaction: rows, checkpoint, notification ─▶ commit
//
// Each view has a runner and a checkpoint of its own. The checkpoint moves in
// the transaction of the rows, so that each event counts exactly once whatever
// fails in between. The notification reaches listeners after the commit only.
// Within a view the order is the log's; between views there is none.
package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections/internal/db"
)

// batchSize bounds the events of one transaction.
const batchSize = 512

// keysPerNotification keeps a notification below PostgreSQL's limit of 8000 bytes.
const keysPerNotification = 80

// The pauses between attempts to go on after a failure of the store or the
// database.
const (
	shortestPause = 50 * time.Millisecond
	longestPause  = 2 * time.Second
)

// View is one set of tables and how events change them.
type View interface {
	// Name is the view's name in its checkpoint and notifications.
	Name() string
	// Apply changes the rows for one event and returns the streams whose state
	// a reader sees differently now. An event of no interest changes nothing.
	Apply(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error)
}

// Noted is an event as a view sees it.
type Noted struct {
	Event    events.Event
	Position int64
}

// Views returns one of each view, in order of their names.
func Views() []View {
	return []View{accountView{}, libraryView{}, recordingView{}, sessionView{}, workerView{}}
}

// Notification says, on the channel read_model, that a view has moved. Keys
// are the streams whose state changed; there may be none.
type Notification struct {
	View     string   `json:"view"`
	Keys     []string `json:"keys"`
	Position int64    `json:"position"`
}

// ErrStopped marks the failure of a view: an event could not be applied, and
// applying it again would fail again.
var ErrStopped = errors.New("the view has stopped")

// errMoved says that another runner has moved the checkpoint.
var errMoved = errors.New("another runner has moved the checkpoint")

// Runner keeps one view up to date.
type Runner struct {
	pool  *pgxpool.Pool
	store events.Store
	view  View
	log   *slog.Logger
}

// NewRunner returns a runner for a view. The pool's role must be allowed to
// write.
func NewRunner(pool *pgxpool.Pool, store events.Store, view View, log *slog.Logger) *Runner {
	return &Runner{pool: pool, store: store, view: view, log: log.With("view", view.Name())}
}

// Run follows the log until the context ends (nil) or an event can't be
// applied (ErrStopped, with the event's name). While the store or the database
// can't be reached it tries again, from the checkpoint.
func (r *Runner) Run(ctx context.Context) error {
	pause := shortestPause
	for {
		began := time.Now()
		err := r.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrStopped) || errors.Is(err, events.ErrStoreClosed) {
			return fmt.Errorf("view %s: %w", r.view.Name(), err)
		}
		r.log.Warn("the view is held up and tries again", "error", err)
		if time.Since(began) > longestPause {
			pause = shortestPause
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

func (r *Runner) follow(ctx context.Context) error {
	after, err := r.checkpoint(ctx)
	if err != nil {
		return fmt.Errorf("read the checkpoint: %w", err)
	}
	return feed.Follow(ctx, r.store, after, batchSize, func(ctx context.Context, batch feed.Batch) error {
		if batch.Position <= after {
			return nil
		}
		if err := r.apply(ctx, after, batch); err != nil {
			return err
		}
		after = batch.Position
		return nil
	})
}

func (r *Runner) checkpoint(ctx context.Context) (events.Position, error) {
	q := db.New(r.pool)
	if err := q.CreateCheckpoint(ctx, r.view.Name()); err != nil {
		return 0, err
	}
	position, err := q.Checkpoint(ctx, r.view.Name())
	return events.Position(position), err
}

// apply is the one transaction of a batch.
func (r *Runner) apply(ctx context.Context, after events.Position, batch feed.Batch) error {
	return pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		at, err := q.Checkpoint(ctx, r.view.Name())
		if err != nil {
			return fmt.Errorf("lock the checkpoint: %w", err)
		}
		if events.Position(at) != after {
			return errMoved
		}
		var changed []events.Stream
		for _, recorded := range batch.Events {
			keys, err := r.one(ctx, q, recorded)
			if err != nil {
				return err
			}
			changed = append(changed, keys...)
		}
		if _, err := q.MoveCheckpoint(ctx, db.MoveCheckpointParams{View: r.view.Name(), Position: int64(batch.Position)}); err != nil {
			return fmt.Errorf("move the checkpoint: %w", err)
		}
		return r.notify(ctx, q, changed, batch.Position)
	})
}

func (r *Runner) one(ctx context.Context, q *db.Queries, recorded events.Recorded) ([]events.Stream, error) {
	event, _, err := events.Decode(recorded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStopped, err)
	}
	keys, err := r.view.Apply(ctx, q, Noted{Event: event, Position: int64(recorded.Position)})
	if err != nil {
		err = fmt.Errorf("apply %s of %s@%d: %w", recorded.Type, recorded.Stream, recorded.Revision, err)
		if ctx.Err() == nil && isPoison(err) {
			return nil, fmt.Errorf("%w: %w", ErrStopped, err)
		}
		return nil, err
	}
	return keys, nil
}

func (r *Runner) notify(ctx context.Context, q *db.Queries, changed []events.Stream, position events.Position) error {
	slices.Sort(changed)
	changed = slices.Compact(changed)
	for first := true; first || len(changed) > 0; first = false {
		n := Notification{View: r.view.Name(), Keys: []string{}, Position: int64(position)}
		for _, key := range changed[:min(len(changed), keysPerNotification)] {
			n.Keys = append(n.Keys, string(key))
		}
		changed = changed[len(n.Keys):]
		payload, err := json.Marshal(n)
		if err != nil {
			return err
		}
		if err := q.Notify(ctx, string(payload)); err != nil {
			return fmt.Errorf("notify: %w", err)
		}
	}
	return nil
}
