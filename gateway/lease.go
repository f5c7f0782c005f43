package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/events"
)

// LeaseConfig names a gateway among others. The zero value is a gateway that
// nobody knows of, and that records nothing of who is connected.
type LeaseConfig struct {
	Gateway events.GatewayID
	Address string // where others ask for Incarnation; empty: nowhere
}

// How often a gateway looks whether others hold it for lost, and the pauses
// before it registers again: where others can't reach it, it is lost again and
// again, with all its connections.
const (
	renewEvery      = 2 * time.Second
	shortestAbsence = time.Second
	longestAbsence  = time.Minute
)

// lease is the gateway's place in the log. Others may find the gateway lost while
// it lives, cut off or asleep; its connections are ended then, and it registers
// as another process.
type lease struct {
	commands *commands.Handler
	config   LeaseConfig
	log      *slog.Logger

	mu          sync.Mutex
	incarnation string // what who asks is told: one that is registered, or about to be
	present     tenure
}

// tenure is the time for which an incarnation is registered.
type tenure struct {
	incarnation string
	over        chan struct{} // closed when another follows
}

// tenure returns the present one.
func (l *lease) tenure() tenure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.present
}

// asked is what who asks is told.
func (l *lease) asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.incarnation
}

// register announces another incarnation. Connections are recorded under it only
// when the log has it.
func (l *lease) register(ctx context.Context) error {
	next := tenure{incarnation: uuid.NewString(), over: make(chan struct{})}
	l.mu.Lock()
	l.incarnation = next.incarnation
	l.mu.Unlock()
	register := gatewaylease.Register{Gateway: l.config.Gateway, Incarnation: next.incarnation, Address: l.config.Address}
	if err := l.insist(ctx, commands.Issue(register, l.by())); err != nil {
		return fmt.Errorf("register the gateway: %w", err)
	}
	l.mu.Lock()
	last := l.present
	l.present = next
	l.mu.Unlock()
	if last.over != nil {
		close(last.over)
	}
	return nil
}

// insist carries out an order, however long the store can't be reached.
func (l *lease) insist(ctx context.Context, order commands.Order) error {
	for {
		_, err := l.commands.Do(ctx, order)
		if err == nil || !retryable(err) || ctx.Err() != nil {
			return err
		}
		pause(ctx, recordAgain)
	}
}

func (l *lease) by() commands.Origin { return commands.By(events.BySystem("gateway")) }

// keep registers the gateway again when it was lost, until the context ends. Its
// only error is that it can't be.
func (l *lease) keep(ctx context.Context) error {
	absence, since := shortestAbsence, time.Now()
	for {
		pause(ctx, renewEvery)
		err := l.renew(ctx)
		if errors.Is(err, gatewaylease.ErrOver) {
			if time.Since(since) > longestAbsence {
				absence = shortestAbsence
			}
			l.log.Warn("others could not reach this gateway and hold it for lost: it registers again", "in", absence)
			pause(ctx, absence)
			absence, since = min(2*absence, longestAbsence), time.Now()
			err = l.again(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !retryable(err):
			return err
		}
	}
}

// again registers the gateway, unless another has taken its name meanwhile.
func (l *lease) again(ctx context.Context) error {
	if err := l.renew(ctx); !errors.Is(err, gatewaylease.ErrOver) {
		return err
	}
	return l.register(ctx)
}

// renew asks whether the present incarnation is still the gateway's.
func (l *lease) renew(ctx context.Context) error {
	renew := gatewaylease.Renew{Gateway: l.config.Gateway, Incarnation: l.tenure().incarnation}
	_, err := l.commands.Do(ctx, commands.Issue(renew, l.by()))
	return err
}

// stop says that the gateway has closed in good order.
func (l *lease) stop(ctx context.Context) error {
	stop := gatewaylease.Stop{Gateway: l.config.Gateway, Incarnation: l.tenure().incarnation}
	_, err := l.commands.Do(ctx, commands.Issue(stop, l.by()))
	return err
}

// retryable says that the same order may well go through later.
func retryable(err error) bool {
	var refused *events.Fault
	return errors.Is(err, events.ErrUnavailable) || errors.As(err, &refused) && refused.Kind == events.Unavailable
}
