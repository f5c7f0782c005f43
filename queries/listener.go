package queries

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// The views, as they are named in checkpoints and notifications.
const (
	ViewAccount      = "account"
	ViewAudit        = "audit"
	ViewFigures      = "figures"
	ViewFriends      = "friends"
	ViewInvoice      = "invoice"
	ViewLedger       = "ledger"
	ViewLibrary      = "library"
	ViewLobby        = "lobby"
	ViewNotification = "notification"
	ViewPlan         = "plan"
	ViewPlayer       = "player"
	ViewPresence     = "presence"
	ViewRecording    = "recording"
	ViewSession      = "session"
	ViewWorker       = "worker"
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

// How often the listener asks a database from which it hears nothing whether it
// is there, how long that may take to answer, and how long it waits before it
// tries again to reach it.
const (
	probeEvery = 500 * time.Millisecond
	pongWithin = time.Second
	// listenWithin bounds an attempt to listen: then the database is away.
	listenWithin = 2 * time.Second
	retryEvery   = 200 * time.Millisecond
)

// listener holds the one connection that hears of changes, and by which it is
// known whether the database can be reached. Its goroutine runs until close.
type listener struct {
	reach  *reach
	log    *slog.Logger
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	reached  map[string]events.Position
	moved    chan struct{} // closed and replaced with each change
	watchers map[*Watch]struct{}
}

func startListener(reach *reach, log *slog.Logger) *listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &listener{
		reach: reach, log: log, cancel: cancel, done: make(chan struct{}),
		reached: map[string]events.Position{}, moved: make(chan struct{}), watchers: map[*Watch]struct{}{},
	}
	go l.run(ctx)
	return l
}

func (l *listener) close() {
	l.cancel()
	<-l.done
}

// run listens again and again. A connection that breaks may be that one alone:
// the database is away when another can't be had.
func (l *listener) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		heard, err := l.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		l.reach.pool.Reset() // the others may be broken, too
		if heard {
			l.log.Warn("the read side's notifications are interrupted", "error", err)
			continue
		}
		if l.reach.lose() {
			l.log.Warn("the read side can't be reached: questions are refused until it can", "error", err)
			l.wake()
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

// hear listens on one connection, and says whether it came to that. What was
// missed before it began is made up for by the checkpoints, and by telling every
// watcher that anything may have changed.
func (l *listener) hear(ctx context.Context) (heard bool, err error) {
	conn, err := l.connect(ctx)
	if err != nil {
		return false, err
	}
	defer leave(conn)
	for {
		n, err := next(ctx, conn)
		if err != nil {
			return true, err
		}
		if n == nil {
			continue
		}
		var change Change
		if err := json.Unmarshal([]byte(n.Payload), &change); err != nil {
			l.log.Error("a notification does not parse", "payload", n.Payload, "error", err)
			continue
		}
		l.tell(change)
	}
}

// connect begins to listen, and reads how far the views are.
func (l *listener) connect(ctx context.Context) (*pgx.Conn, error) {
	within, cancel := context.WithTimeout(ctx, listenWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(within, l.reach.pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	if err := l.begin(within, conn); err != nil {
		leave(conn)
		return nil, err
	}
	return conn, nil
}

// leave closes a connection, of which nobody may hear any more.
func leave(conn *pgx.Conn) {
	within, cancel := context.WithTimeout(context.Background(), pongWithin)
	defer cancel()
	_ = conn.Close(within) // it is gone one way or the other
}

func (l *listener) begin(ctx context.Context, conn *pgx.Conn) error {
	if err := asReader(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "LISTEN read_model"); err != nil {
		return err
	}
	rows, err := db.New(conn).Checkpoints(ctx)
	if err != nil {
		return err
	}
	if l.reach.back() {
		l.log.Info("the read side can be reached again")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range rows {
		l.reached[row.View] = events.Position(row.Position)
	}
	l.told(Change{})
	return nil
}

// next waits for a notification; nil: there is none for now, and the database is
// there.
func next(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	within, cancel := context.WithTimeout(ctx, probeEvery)
	n, err := conn.WaitForNotification(within)
	cancel()
	if err == nil || ctx.Err() != nil || !pgconn.Timeout(err) {
		return n, err
	}
	within, cancel = context.WithTimeout(ctx, pongWithin)
	defer cancel()
	return nil, conn.Ping(within)
}

func (l *listener) tell(c Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A view that is built again starts from the beginning: take it as it is.
	l.reached[c.View] = c.Position
	l.told(c)
}

// told has everybody look again, and watchers hear of a change.
func (l *listener) told(c Change) {
	close(l.moved)
	l.moved = make(chan struct{})
	for w := range l.watchers {
		w.put(c)
	}
}

// wake has everybody who waits for a position look again.
func (l *listener) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.moved)
	l.moved = make(chan struct{})
}

// Await returns once a view has passed a position, or ErrBehind after 2 s; and
// ErrUnavailable while nobody can know.
func (d *DB) Await(ctx context.Context, view string, position events.Position) error {
	return d.At(ctx, position, view)
}

// At returns once all of some views have passed a position, as Await does, and
// within 2 s altogether: a question that reads these shows what was recorded by
// then.
func (d *DB) At(ctx context.Context, position events.Position, views ...string) error {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		behind, moved := d.listen.behind(position, views)
		if behind == "" {
			return nil
		}
		if d.reach.away() {
			return fmt.Errorf("wait for view %s: %w", behind, ErrUnavailable)
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

// behind is the first of some views that has not passed a position, and what is
// closed when any moves.
func (l *listener) behind(position events.Position, views []string) (view string, moved <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, view := range views {
		if l.reached[view] < position {
			return view, l.moved
		}
	}
	return "", l.moved
}
