package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// tick is how often deadlines are looked at.
const tick = 250 * time.Millisecond

// Reactor runs one policy: it folds the log into it and, from the moment at
// which it has seen all there is, carries out what is due.
type Reactor struct {
	policy  Policy
	handler *Handler
	now     func() time.Time
	log     *slog.Logger
	active  func() bool

	mu     sync.Mutex // held while the policy or what follows is used
	at     events.Position
	live   bool
	broken error                                // of the event that the policy could not fold: it stops there
	issued map[events.CommandID]events.Position // orders whose effects are on their way back
}

// NewReactor returns a reactor for a policy before its first event.
func NewReactor(policy Policy, handler *Handler, now func() time.Time, log *slog.Logger) *Reactor {
	return &Reactor{policy: policy, handler: handler, now: now, log: log.With("policy", policy.Name()),
		active: func() bool { return true }, issued: map[events.CommandID]events.Position{}}
}

// While has the reactor carry out nothing but while active says so: another one
// of the same policy does then. It folds the log all the time. To be called
// before the first message.
func (r *Reactor) While(active func() bool) *Reactor {
	r.active = active
	return r
}

// Handle takes the next message of a feed that began at the start of the log.
// A message that comes again is folded once. An error is to be answered by
// delivering the message again: the event could not be read, or what was due
// could not be carried out.
func (r *Reactor) Handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	if d.CaughtUp() {
		return r.CaughtUp(msg.Context())
	}
	n, err := Note(*d.Event)
	if err != nil {
		r.stop()
		return err
	}
	return r.take(msg.Context(), *d.Event, n)
}

// Take is Handle for who has read the event already.
func (r *Reactor) Take(ctx context.Context, n Noted) error {
	return r.take(ctx, events.Recorded{Type: n.Event.EventType(), Position: n.Position}, n)
}

// stop is for an event that can't be read: what is due may not be, after it.
func (r *Reactor) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live = false
}

// take folds an event of which the policy has not heard.
func (r *Reactor) take(ctx context.Context, recorded events.Recorded, n Noted) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil && n.Position > r.at {
		r.broken = r.evolve(recorded, n)
	}
	if r.broken != nil {
		r.live = false
		return r.broken
	}
	r.at = max(r.at, n.Position)
	return r.carryOut(ctx)
}

// evolve takes an event that the policy can't fold for one that can't be read.
func (r *Reactor) evolve(recorded events.Recorded, n Noted) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = unfollowed(recorded, 0, failure)
		}
	}()
	r.policy.Evolve(n)
	return nil
}

// CaughtUp says that there is no further event for now: from here on what is
// due is carried out.
func (r *Reactor) CaughtUp(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live = r.broken == nil
	return r.carryOut(ctx)
}

// Look carries out what has become due as time went by.
func (r *Reactor) Look(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.carryOut(ctx)
}

// Watch looks at the deadlines until the context ends.
func (r *Reactor) Watch(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := r.Look(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("orders are held up", "error", err)
		}
	}
}

// carryOut issues what is due. An order stays due until the policy has seen its
// effect: until then it is not issued again, since many orders at once would
// each be issued after the events of all the others. A refusal is an answer like
// any other: the events that explain it are on their way. A policy that is
// Refusable is told.
func (r *Reactor) carryOut(ctx context.Context) error {
	if !r.live || !r.active() {
		return nil
	}
	maps.DeleteFunc(r.issued, func(_ events.CommandID, effect events.Position) bool { return effect <= r.at })
	refusable, told := r.policy.(Refusable)
	for _, order := range r.policy.Due(r.now()) {
		if _, underWay := r.issued[order.ID]; underWay {
			continue
		}
		done, err := r.handler.Do(ctx, order)
		var fault *events.Fault
		if errors.As(err, &fault) {
			r.log.Debug("an order was refused", "order", order.Name, "stream", order.Target, "code", fault.Code)
			if told {
				refusable.Refused(order, fault, r.now())
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s on %s: %w", order.Name, order.Target, err)
		}
		r.issued[order.ID] = done.Position
	}
	return nil
}
