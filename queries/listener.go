package queries

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// The views, as they are named in checkpoints and notifications.
const (
	ViewAccount = "account"
	ViewAudit   = "audit"
	ViewFriends = "friends"
	ViewLibrary = "library"
	ViewLobby   = "lobby"
	ViewSession = "session"
	ViewWorker  = "worker"

	ViewPlayer    = "player"
	ViewPresence  = "presence"
	ViewRecording = "recording"
)

// patience is how long a query waits for its view to reach a position.
const patience = 2 * time.Second

// ErrBehind says that a view has not reached a position in time.
var ErrBehind = &events.Fault{Kind: events.Unavailable, Code: "view-behind",
	Message: "What you did is recorded, but this view has not caught up with it yet. Try again in a moment."}

// Change says that a view has moved, after the commit.
type Change struct {
	View string   `json:"view"`
	Keys []string `json:"keys"` // streams whose state is different; nil: any may be
	// Position is how far the view has come.
	Position events.Position `json:"position"`
}

// listener holds the one connection that hears of changes. Its goroutine runs
// until close.
type listener struct {
	pool   *pgxpool.Pool
	log    *slog.Logger
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	reached  map[string]events.Position
	moved    chan struct{} // closed and replaced with each change
	watchers map[*Watch]struct{}
}

func startListener(pool *pgxpool.Pool, log *slog.Logger) *listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &listener{
		pool: pool, log: log, cancel: cancel, done: make(chan struct{}),
		reached: map[string]events.Position{}, moved: make(chan struct{}), watchers: map[*Watch]struct{}{},
	}
	go l.run(ctx)
	return l
}

func (l *listener) close() {
	l.cancel()
	<-l.done
}

func (l *listener) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		err := l.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("the read side's notifications are interrupted", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// hear listens on one connection. What was missed before it began is made up
// for by the checkpoints, and by telling every watcher that anything may have
// changed.
func (l *listener) hear(ctx context.Context) error {
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// The connection still listens: it is not one for the pool any more.
	raw := conn.Hijack()
	defer raw.Close(context.WithoutCancel(ctx))
	if _, err := raw.Exec(ctx, "LISTEN read_model"); err != nil {
		return err
	}
	rows, err := db.New(raw).Checkpoints(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		l.tell(Change{View: row.View, Position: events.Position(row.Position)})
	}
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var change Change
		if err := json.Unmarshal([]byte(n.Payload), &change); err != nil {
			l.log.Error("a notification does not parse", "payload", n.Payload, "error", err)
			continue
		}
		l.tell(change)
	}
}

func (l *listener) tell(c Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A view that is built again starts from the beginning: take it as it is.
	l.reached[c.View] = c.Position
	close(l.moved)
	l.moved = make(chan struct{})
	for w := range l.watchers {
		w.put(c)
	}
}

// Await returns once a view has passed a position, or ErrBehind after 2 s.
func (d *DB) Await(ctx context.Context, view string, position events.Position) error {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		d.listen.mu.Lock()
		reached, moved := d.listen.reached[view], d.listen.moved
		d.listen.mu.Unlock()
		if reached >= position {
			return nil
		}
		select {
		case <-moved:
		case <-timeout.C:
			return ErrBehind
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
