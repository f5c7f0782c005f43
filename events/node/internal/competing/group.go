package competing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// group is one subscription group. Its goroutine owns everything below the
// line; others send it requests, which it takes one at a time. The channel
// holds none: who asks waits, and nobody but who asks.
type group struct {
	definition
	log      *eventlog.Log
	logger   *slog.Logger
	requests chan func(context.Context)
	cancel   context.CancelCauseFunc
	ended    chan struct{}
	reason   error // why it ended, once it has
	// ----
	state
}

// state is what the goroutine of a group owns.
type state struct {
	source  source
	broken  error // why nobody can join: what the group stored about itself can't be read
	members members
	queue   queue
	page    eventlog.Page
	next    int64 // the place to read from
	more    bool  // there is more to read at once
	saved   saved
	parked  parked
	items   meter
	expiry  *time.Timer // when the first event in flight may have timed out
	ticking bool        // expiry is set
}

// maxHeld bounds the bytes of the events that a group holds. When it holds
// more, it reads no further until consumers have answered.
const maxHeld = 32 << 20

func startGroup(d definition, log *eventlog.Log, logger *slog.Logger) (*group, error) {
	from, err := newSource(log, d.key, d.settings.Filter)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.key, err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	g := &group{
		definition: d, log: log, logger: logger, cancel: cancel,
		requests: make(chan func(context.Context)),
		ended:    make(chan struct{}),
	}
	g.source = from
	g.members = newMembers(d.settings.Strategy)
	g.expiry, g.saved.timer = stopped(), stopped()
	g.items.at = time.Now()
	go g.run(ctx)
	return g, nil
}

// stopped is a timer that fires when it is reset.
func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// stop ends the group for the reason and waits for its goroutine.
func (g *group) stop(reason error) {
	g.cancel(reason)
	<-g.ended
}

func (g *group) run(ctx context.Context) {
	defer func() { g.reason = context.Cause(ctx); close(g.ended) }()
	watch := g.log.Watch(g.key.watched())
	defer watch.Close()
	defer g.expiry.Stop()
	defer g.saved.timer.Stop()
	g.resume()
	always := make(chan struct{})
	close(always)
	for ctx.Err() == nil {
		g.fill(ctx)
		g.dispatch()
		var ready, wake <-chan struct{}
		if g.room() {
			if wake = watch.C; g.more || g.replayable() {
				ready = always
			}
		}
		select {
		case do := <-g.requests:
			do(ctx)
		case <-wake:
			g.more = true
		case now := <-g.expiry.C:
			g.expire(ctx, now)
		case <-g.saved.timer.C:
			g.saved.waited = true
		case <-ready:
		case <-ctx.Done():
		}
		g.saveIfDue(ctx)
	}
	g.end(context.Cause(ctx))
}

// resume finds the place to go on from.
func (g *group) resume() {
	if err := cmp.Or(g.loadCheckpoint(), g.loadParked()); err != nil {
		g.broken = fmt.Errorf("%s: %w", g.key, err)
		g.logger.Error("event store: a subscription group can't go on", "group", g.key.id(), "error", err)
	}
	g.more = true
}

// endGrace bounds what a group writes when it ends.
const endGrace = time.Second

// end lets all consumers go and stores how far they came.
func (g *group) end(reason error) {
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	for len(g.members.all) > 0 {
		g.leave(ctx, g.members.all[0], reason)
	}
	if g.broken != nil || errors.Is(reason, ErrDeleted) {
		return
	}
	if err := g.save(ctx); err != nil && !errors.Is(err, eventlog.ErrClosed) {
		g.logger.Error("event store: the checkpoint of a subscription group", "group", g.key.id(), "error", err)
	}
}

// ask has the goroutine do it and waits until it is done.
func (g *group) ask(ctx context.Context, do func(context.Context)) error {
	done := make(chan struct{})
	select {
	case g.requests <- func(ctx context.Context) { defer close(done); do(ctx) }:
		<-done
		return nil
	case <-g.ended:
		return g.reason
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds a consumer.
func (g *group) join(ctx context.Context, m Member) (*Consumer, error) {
	c := &Consumer{
		Out: make(chan Delivery, m.Buffer), Gone: make(chan struct{}),
		group: g, member: m, flying: map[eventlog.ID][]*message{}, items: meter{at: time.Now()},
	}
	var refused error
	err := g.ask(ctx, func(context.Context) {
		switch limit := g.settings.Subscribers; {
		case g.broken != nil:
			refused = g.broken
		case limit > 0 && len(g.members.all) >= limit:
			refused = fmt.Errorf("%s: %w: %d are allowed", g.key, ErrFull, limit)
		default:
			g.members.add(c)
			g.more = true
		}
	})
	if err = cmp.Or(err, refused); err != nil {
		return nil, err
	}
	return c, nil
}

// leave lets the consumer go and takes back what it holds. What it has not
// been shown keeps its retry count.
func (g *group) leave(ctx context.Context, c *Consumer, reason error) {
	select {
	case <-c.Gone:
		return
	default:
	}
	c.err = reason
	close(c.Gone)
	g.members.remove(c)
	unseen := c.unseen()
	var back []*message
	for id := range c.flying {
		for m := c.take(id); m != nil; m = c.take(id) {
			if unseen[m] {
				m.retries--
			}
			g.members.settled(m)
			back = append(back, m)
		}
	}
	g.retry(ctx, back, "its consumer left")
}

// room says whether to read ahead.
func (g *group) room() bool {
	limit := g.settings.Buffer.History
	if !g.more {
		limit = g.settings.Buffer.Live
	}
	return len(g.members.all) > 0 && len(g.queue.ahead) < limit && g.queue.bytes < maxHeld
}

// fill reads one batch ahead: of the parked events that are replayed, or of
// the source. Whoever waits for events is told what went wrong.
func (g *group) fill(ctx context.Context) {
	if !g.room() {
		return
	}
	err := g.fillReplay()
	if err == nil && g.more && g.room() {
		err = g.fillAhead()
	}
	if err != nil {
		g.parked.stopReplay()
		for len(g.members.all) > 0 {
			g.leave(ctx, g.members.all[0], fmt.Errorf("%s: %w", g.key, err))
		}
	}
}

func (g *group) fillAhead() error {
	next, passed, err := g.source.read(&g.page, g.next, min(g.settings.Buffer.Batch, eventlog.PageEvents))
	if err != nil {
		return err
	}
	batch := make([]*message, len(g.page.Records))
	for i := range g.page.Records {
		if batch[i], err = g.message(&g.page.Records[i]); err != nil {
			return err
		}
	}
	for _, m := range batch {
		g.queue.bytes += m.size
	}
	g.queue.ahead = append(g.queue.ahead, batch...)
	g.done(passed)
	g.next, g.more = next, g.page.More
	return nil
}

// message takes a record of the source in.
func (g *group) message(r *eventlog.Record) (*message, error) {
	m := &message{event: clone(r), place: g.source.place(r), parked: -1}
	if g.settings.ResolveLinks && string(r.Type) == eventlog.TypeLink {
		target, err := follow(g.log, m.event)
		if err != nil {
			return nil, err
		}
		m.event, m.link = target, m.event
	}
	g.weigh(m)
	return m, nil
}

// weigh fills in what follows from a message's event and link.
func (g *group) weigh(m *message) {
	for _, r := range []*eventlog.Record{m.event, m.link} {
		if r != nil {
			m.size += recordOverhead + len(r.Stream) + len(r.Type) + len(r.Metadata) + len(r.Data)
		}
	}
	m.bucket = g.members.bucketOf(m)
}

// recordOverhead is about what a record costs beside its content.
const recordOverhead = 256

// dispatch gives out what waits, as far as the consumers take it.
func (g *group) dispatch() {
	if !g.members.free() {
		return
	}
	now := time.Now()
	before := g.items.total
	g.queue.offer(func(m *message) bool {
		c := g.members.choose(m)
		if c == nil {
			return false
		}
		c.give(m, now)
		g.members.sent(m, c)
		g.items.add(1)
		return true
	}, g.members.free)
	if g.items.total > before && g.settings.Retry.Timeout > 0 && !g.ticking {
		g.ticking = true
		g.expiry.Reset(g.settings.Retry.Timeout)
	}
}
