package competing

import (
	"context"
	"time"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// A Delivery is an event given to a consumer. Its records are never changed.
type Delivery struct {
	Event   *eventlog.Record // nil where Link leads nowhere
	Link    *eventlog.Record // nil where the event was not reached by a link
	Retries int              // how often it was given out before
	message *message
}

// A Member describes a consumer that joins.
type Member struct {
	Buffer         int // events at most that it holds without having answered
	From           string
	User           string
	ConnectionName string
}

// An Action is what becomes of an event that a consumer could not handle.
type Action uint8

// The actions.
const (
	RetryIt Action = iota // give it out again; park it after too many times
	ParkIt                // put it aside, with the reason
	SkipIt                // forget it
	StopIt                // give it out again, to another: this consumer leaves
)

// A Consumer takes events from a group. Whoever joined leaves.
type Consumer struct {
	// Out carries what the consumer is to handle. It has room for as many as
	// the consumer may hold unanswered, and gets none while it is full.
	Out chan Delivery
	// Gone is closed when the group has let the consumer go; Err says why.
	Gone chan struct{}

	group  *group
	member Member
	err    error
	// The rest belongs to the group's goroutine.
	flying map[eventlog.ID][]*message
	count  int // messages in flying
	items  meter
	times  latencies
}

// Err is why the group let the consumer go, once Gone is closed.
func (c *Consumer) Err() error { return c.err }

// Ack says that the events with these ids are done. Ids that the consumer does
// not hold (any more) count for nothing. The error is ctx's.
func (c *Consumer) Ack(ctx context.Context, ids []eventlog.ID) error {
	return c.tell(ctx, func(ctx context.Context) { c.group.ack(c, ids) })
}

// Nack says that the events with these ids were not handled.
func (c *Consumer) Nack(ctx context.Context, ids []eventlog.ID, action Action, reason string) error {
	return c.tell(ctx, func(ctx context.Context) { c.group.nack(ctx, c, ids, action, reason) })
}

// Leave gives back what the consumer holds. It returns when that is done.
func (c *Consumer) Leave() {
	_ = c.tell(context.Background(), func(ctx context.Context) { c.group.leave(ctx, c, ErrLeft) })
	<-c.Gone
}

// tell has the group's goroutine do it. A consumer that is gone tells nothing.
func (c *Consumer) tell(ctx context.Context, do func(context.Context)) error {
	select {
	case c.group.requests <- do:
		return nil
	case <-c.Gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// free says whether the consumer takes one more. What timed out may still wait
// in Out for a client that does not read.
func (c *Consumer) free() bool { return c.count < cap(c.Out) && len(c.Out) < cap(c.Out) }

// unseen empties Out and returns what was in it.
func (c *Consumer) unseen() map[*message]bool {
	unseen := map[*message]bool{}
	for {
		select {
		case d := <-c.Out:
			unseen[d.message] = true
		default:
			return unseen
		}
	}
}

// give sends the message. There is room, because free said so and nobody else
// sends.
func (c *Consumer) give(m *message, now time.Time) {
	m.sent = now
	id := m.original().ID
	c.flying[id] = append(c.flying[id], m)
	c.count++
	c.items.add(1)
	c.Out <- Delivery{Event: m.event, Link: m.link, Retries: m.retries, message: m}
}

// take takes back the message that was given first under the id.
func (c *Consumer) take(id eventlog.ID) *message {
	with := c.flying[id]
	if len(with) == 0 {
		return nil
	}
	m := with[0]
	if len(with) == 1 {
		delete(c.flying, id)
	} else {
		c.flying[id] = with[1:]
	}
	c.count--
	return m
}
