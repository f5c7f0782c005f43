package streamer

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/streamer/transport"
)

const (
	// firstGuess is what a gallery costs at first, when nothing is known of who
	// watches, for openingTime.
	firstGuess  = 1_200_000
	openingTime = 4 * time.Second
	// Below thinAt a path carries less than the gallery's least picture needs if
	// it loses, or queues, at that.
	thinAt = 330_000
	// A path is thin when it has been too narrow for thinAfter, and not any more
	// when it has carried the gallery for thickAfter.
	thinAfter, thickAfter = 3 * time.Second, 5 * time.Second
	// thinKeys is how often a path that is thin is sent a key frame.
	thinKeys = 4 * time.Second
)

// member is one of a crowd: a viewer, but in tests.
type member interface {
	path
	watcher
}

// crowd is the paths of who is in a gallery, as one: that of the narrowest, but
// for those that are so thin that they get key frames alone. One goroutine calls
// look and Stats.
type crowd struct {
	audience *audience
	opened   time.Time
	last     map[member]uint64 // bytes, as last counted
	narrow   transport.Stats   // of the narrowest, as last looked at
	pressed  time.Time         // when the players' encoder last had no time to spare
	bytes    uint64            // that went to it, over all that were the narrowest

	mu      sync.Mutex
	members []*admitted
}

// admitted is a member with what is known of its path.
type admitted struct {
	member
	thin   atomic.Bool
	narrow spell
	wide   spell
}

var _ path = (*crowd)(nil)

func newCrowd(a *audience, now time.Time) *crowd {
	return &crowd{audience: a, opened: now, last: map[member]uint64{}}
}

// enter takes one more, whose frames thin decides on.
func (c *crowd) enter(m member) (thin *atomic.Bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &admitted{member: m}
	c.members = append(c.members, a)
	return &a.thin
}

func (c *crowd) leave(m member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members = slices.DeleteFunc(c.members, func(a *admitted) bool { return a.member == m })
}

func (c *crowd) now() []*admitted {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.members)
}

// look takes stock of the paths, and says whether there are any.
func (c *crowd) look(now time.Time) bool {
	members := c.now()
	seen := make(map[member]uint64, len(members))
	var narrowest *transport.Stats
	var grown uint64
	for _, a := range members {
		stats := a.Stats()
		before, known := c.last[a.member]
		seen[a.member] = stats.Sent.Bytes
		c.judge(a, stats, now)
		if a.thin.Load() || narrowest != nil && stats.Estimate >= narrowest.Estimate {
			continue
		}
		narrowest, grown = &stats, 0
		if known {
			grown = stats.Sent.Bytes - before
		}
	}
	c.last = seen
	switch {
	case len(members) == 0:
		return false
	case narrowest == nil: // all of them are thin
		narrowest = &transport.Stats{Estimate: thinAt}
	}
	c.bytes += grown
	c.narrow = *narrowest
	c.narrow.Sent.Bytes = c.bytes
	if now.Sub(c.opened) < openingTime {
		c.narrow.Estimate = min(c.narrow.Estimate, firstGuess*100/85)
	}
	return true
}

// relief is for how long a gallery stays small after the players' encoder had no
// time to spare.
const relief = 20 * time.Second

// yield has the gallery make its least picture while the players' encoder needs
// the processor.
func (c *crowd) yield(pressed bool, now time.Time) {
	if pressed {
		c.pressed = now
	}
	if !c.pressed.IsZero() && now.Sub(c.pressed) < relief {
		c.narrow.Estimate = min(c.narrow.Estimate, thinAt)
	}
}

// judge decides whether a path gets key frames alone.
func (c *crowd) judge(a *admitted, stats transport.Stats, now time.Time) {
	strained := stats.Loss > 0.1 || stats.QueueDelay > 250*time.Millisecond
	if !a.thin.Load() {
		if a.narrow.lasted(stats.Estimate <= thinAt && strained, now, thinAfter) {
			a.wide = spell{}
			a.thin.Store(true)
		}
		return
	}
	if !a.wide.lasted(!strained, now, thickAfter) {
		return
	}
	a.narrow = spell{}
	c.thicken(a, now)
}

// thicken has a member who has missed frames that the next ones build on begin
// anew, unless it has left.
func (c *crowd) thicken(a *admitted, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.members, a) {
		return
	}
	c.audience.leave(a.member)
	a.thin.Store(false)
	c.audience.join(a.member, now)
}

// anyThin says whether somebody waits for the next key frame.
func (c *crowd) anyThin() bool {
	return slices.ContainsFunc(c.now(), func(a *admitted) bool { return a.thin.Load() })
}

// Stats are those of the narrowest path.
func (c *crowd) Stats() transport.Stats { return c.narrow }

// Probe tries all paths, as the picture goes to all.
func (c *crowd) Probe(bps int) {
	for _, a := range c.now() {
		if !a.thin.Load() {
			a.Probe(bps)
		}
	}
}
