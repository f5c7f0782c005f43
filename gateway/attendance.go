package gateway

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

// What recording who is there may cost.
const (
	connectsPerMinute = 30          // of one player; the connections after that are recorded later, if they last
	recordedAtOnce    = 16          // so that a thousand who come back at once leave the store to others, too
	recordAgain       = time.Second // while the store can't be reached
	refusedAgain      = time.Minute // for who has too many connections
)

// attendance records whose devices are connected here, under the process that
// the gateway's lease names (lease.go). Where the gateway has no name, nothing
// is recorded.
//
//	hello ─▶ Connect ─┬─ the socket ends ─▶ Disconnect
//	           ▲      ├─ the lease is over ─┐   policies disconnect what the process held
//	           └──────┼─────────────────────┘
//	                  └─ the gateway closes: it stops, and policies do the same
//
// A socket has one connection at a time, with an id of its own each.
type attendance struct {
	lease    *lease
	commands *commands.Handler
	log      *slog.Logger
	connects *limits[events.PlayerID]
	turn     chan struct{}   // holds a token of each order on its way
	ctx      context.Context // ends with close: an order outlives its socket
	cancel   context.CancelFunc
}

func newAttendance(lease *lease, handler *commands.Handler, log *slog.Logger) *attendance {
	ctx, cancel := context.WithCancel(context.Background())
	return &attendance{
		lease: lease, commands: handler, log: log, connects: newLimits[events.PlayerID](connectsPerMinute, time.Now),
		turn: make(chan struct{}, recordedAtOnce), ctx: ctx, cancel: cancel,
	}
}

// close leaves what is recorded to the policies, which hear that the gateway
// has stopped.
func (a *attendance) close() { a.cancel() }

// attend has a device recorded until the context of its socket ends. Without a
// device's id, the socket is taken for a device of its own.
func (a *attendance) attend(ctx context.Context, player events.PlayerID, device events.DeviceID) {
	if a.lease.config.Gateway == "" {
		return
	}
	if device == "" {
		device = events.DeviceID(uuid.NewString())
	}
	for ctx.Err() == nil && a.ctx.Err() == nil {
		if wait := a.throttled(player); wait > 0 {
			pause(ctx, wait)
			continue
		}
		tenure := a.lease.tenure()
		err := a.stay(ctx, tenure, player, events.Connection{
			ID: events.ConnectionID(uuid.NewString()), Device: device, Gateway: a.lease.config.Gateway, Incarnation: tenure.incarnation,
		})
		if err != nil && a.ctx.Err() == nil { // else it closes
			a.refused(err)
			pause(ctx, refusedAgain)
		}
	}
}

func (a *attendance) refused(err error) {
	var refusal *events.Fault
	if errors.As(err, &refusal) {
		a.log.Debug("a connection is not recorded", "code", refusal.Code)
		return
	}
	a.log.Error("a connection can't be recorded", "error", err)
}

// throttled says how long a player has to wait for another connection.
func (a *attendance) throttled(player events.PlayerID) time.Duration {
	var late *throttled
	if errors.As(a.connects.take(player), &late) {
		return late.wait
	}
	return 0
}

// stay records a connection that lasts as long as the socket and the tenure.
func (a *attendance) stay(ctx context.Context, tenure tenure, player events.PlayerID, c events.Connection) error {
	by := events.ByPlayer(player)
	if err := a.record(ctx, commands.Issue(presence.Connect{Player: player, Connection: c}, commands.By(by))); err != nil {
		return err
	}
	select {
	case <-tenure.over:
		return nil // whoever found the process lost has its connections ended
	case <-ctx.Done():
	}
	// It may be there even if the last attempt to record it has failed.
	disconnect := presence.Disconnect{Player: player, Connection: c.ID, Cause: events.DisconnectClosed}
	return a.record(a.ctx, commands.Issue(disconnect, commands.By(by)))
}

// record carries out an order. While the store can't be reached it is asked
// again, until the context ends; that the context has ended is no error, since
// nobody knows what has become of the order.
func (a *attendance) record(ctx context.Context, order commands.Order) error {
	for {
		err := a.do(order)
		switch {
		case err == nil, ctx.Err() != nil:
			return nil
		case !retryable(err):
			return err
		}
		pause(ctx, recordAgain)
	}
}

func (a *attendance) do(order commands.Order) error {
	select {
	case a.turn <- struct{}{}:
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
	defer func() { <-a.turn }()
	_, err := a.commands.Do(a.ctx, order)
	return err
}

// pause waits for a time, or for the end of a context.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
