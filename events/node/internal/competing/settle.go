package competing

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

func (g *group) ack(c *Consumer, ids []eventlog.ID) {
	now := time.Now()
	for _, id := range ids {
		if m := g.answered(c, id, now); m != nil {
			g.finish(m)
		}
	}
}

func (g *group) nack(ctx context.Context, c *Consumer, ids []eventlog.ID, action Action, reason string) {
	now := time.Now()
	var failed []*message
	for _, id := range ids {
		m := g.answered(c, id, now)
		switch {
		case m == nil:
		case action == SkipIt:
			g.finish(m)
		default:
			failed = append(failed, m)
		}
	}
	switch action {
	case ParkIt:
		g.park(ctx, failed, reason)
	case RetryIt:
		g.retry(ctx, failed, reason)
	case StopIt:
		g.retry(ctx, failed, reason)
		g.leave(ctx, c, ErrStopped)
	}
}

// answered takes the message from the consumer; nil if it does not hold it.
func (g *group) answered(c *Consumer, id eventlog.ID, now time.Time) *message {
	m := c.take(id)
	if m == nil {
		return nil
	}
	g.members.settled(m)
	if g.settings.Latencies {
		c.times.add(now.Sub(m.sent))
	}
	return m
}

// finish forgets a message that nobody has to look at again.
func (g *group) finish(m *message) {
	g.queue.bytes -= m.size
	if m.parked >= 0 {
		g.parked.finished(m.parked)
	} else {
		g.done(1)
	}
}

// retry has the messages given out again, or parks those that were too often.
func (g *group) retry(ctx context.Context, failed []*message, why string) {
	var hopeless []*message
	for _, m := range failed {
		if m.retries >= g.settings.Retry.Max {
			hopeless = append(hopeless, m)
			continue
		}
		m.retries++
		g.queue.addAgain(m)
	}
	g.park(ctx, hopeless, fmt.Sprintf("retried %d times: %s", g.settings.Retry.Max, why))
}

// expire takes back what consumers have not answered in time. The timer is
// set again for the next one, but not for each one by itself.
func (g *group) expire(ctx context.Context, now time.Time) {
	timeout := g.settings.Retry.Timeout
	g.ticking = false
	var late []*message
	var oldest time.Time // of those that are not late
	for _, c := range g.members.all {
		for id := range c.flying {
			for len(c.flying[id]) > 0 { // under one id, the first was sent first
				m := c.flying[id][0]
				if now.Sub(m.sent) < timeout {
					if oldest.IsZero() || m.sent.Before(oldest) {
						oldest = m.sent
					}
					break
				}
				g.members.settled(c.take(id))
				late = append(late, m)
			}
		}
	}
	if !oldest.IsZero() {
		g.ticking = true
		g.expiry.Reset(max(timeout-now.Sub(oldest), timeout/32, time.Millisecond))
	}
	g.retry(ctx, late, "no answer within "+timeout.String())
}
