package congestion

import (
	"math"
	"time"
)

const (
	// burst joins packets that left together: they queue behind each other at
	// the bottleneck, and only the first of them shows what was there before
	// (libwebrtc's InterArrival groups by 5 ms too). What arrives over more
	// than twice that is parted nevertheless: the queue is growing.
	burst = 5 * time.Millisecond
	// groupCount holds 640 ms of bursts at least.
	groupCount = 128
	// baseWindow is how long a path may take to show its least delay again.
	// Longer, and a change of route or the clocks' drift (100 ppm are 1.5 ms)
	// looks like a queue; shorter, and a standing queue becomes the base.
	baseWindow = 15 * time.Second
	// queued is what a burst must have waited, beside its own time on the wire,
	// to have met a busy bottleneck.
	queued = 4 * time.Millisecond
	// newest is the span whose least delay is the present queue: one late
	// frame among several is no queue.
	newest = 25 * time.Millisecond
	// clockJump is a change of the one-way delay that no queue makes.
	clockJump = 10 * time.Second
)

// group is a burst of packets.
type group struct {
	sent, lastSent       time.Duration
	arrived, lastArrived time.Duration
	least                time.Duration // one-way delay, the clocks' offset included
	bytes                int
	head                 bool // nothing was sent right before: a frame begins
}

// path is what the arrivals say of the way to the receiver.
type path struct {
	groups [groupCount]group
	count  int // groups in all; the last groupCount are held
	base   minimum
	// noise is how far bursts stray from the least delay around them while
	// nothing is congested: the path's own jitter.
	noise time.Duration
	last  time.Duration // one-way delay of the last packet
}

func (p *path) at(back int) *group { return &p.groups[(p.count-1-back)%groupCount] }
func (p *path) held() int          { return min(p.count, groupCount) }

// add takes a packet that has arrived.
func (p *path) add(sent, arrived time.Duration, size int) {
	delay := arrived - sent
	if p.count > 0 && (delay-p.last).Abs() > clockJump {
		*p = path{}
	}
	p.last = delay
	p.base.add(sent, delay)
	if p.count == 0 || sent-p.at(0).sent > burst || arrived-p.at(0).arrived > 2*burst {
		head := p.count > 0 && sent-p.at(0).lastSent > burst
		p.count++
		*p.at(0) = group{
			sent: sent, lastSent: sent, arrived: arrived, lastArrived: arrived,
			least: delay, bytes: size, head: head,
		}
		return
	}
	g := p.at(0)
	if sent < g.sent {
		return // came late: its burst has been judged
	}
	g.lastSent = max(g.lastSent, sent)
	g.lastArrived = max(g.lastArrived, arrived)
	g.least = min(g.least, delay)
	g.bytes += size
}

// queue is the least that bursts of the last span had to wait; false where
// nothing says it.
func (p *path) queue(span time.Duration) (time.Duration, bool) {
	if p.count == 0 {
		return 0, false
	}
	least, covered := p.at(0).least, time.Duration(0)
	for i := range p.held() {
		g := p.at(i)
		age := p.at(0).lastArrived - g.lastArrived
		if age > span {
			break
		}
		least, covered = min(least, g.least), age
	}
	return least - p.base.least(), 2*covered >= span
}

// rate is what arrived in the last span of the receiver's time, in bits a
// second; 0 where there is too little to say.
func (p *path) rate(span time.Duration) float64 {
	r := p.measure(span, math.MinInt64)
	return r.arriving
}

// busy is rate, of no more than the bursts that all found a queue: what the
// bottleneck lets through. A packet of its own takes own there.
func (p *path) busy(span, own time.Duration) measured {
	return p.measure(span, p.base.least()+queued+own)
}

// measured are the rates of one run of bursts.
type measured struct {
	span     time.Duration
	leaving  float64       // bits a second when they were sent
	arriving float64       // and when they arrived
	gap      time.Duration // the longest in which nothing arrived
}

// even says whether the run arrived as a bottleneck lets it through, and not
// after a pause of somebody: a radio's, or the receiver's own.
func (m measured) even() bool { return m.span >= quickLeast && m.gap <= m.span/2 }

func (p *path) measure(span, least time.Duration) (m measured) {
	bytes := 0
	for i := range p.held() {
		g, last := p.at(i), p.at(0)
		if g.least < least {
			break
		}
		m.span = last.lastArrived - g.lastArrived
		if i > 0 {
			m.gap = max(m.gap, p.at(i-1).arrived-g.lastArrived)
		}
		if arrived, sent := m.span.Seconds(), (last.lastSent - g.lastSent).Seconds(); arrived > 0 && sent > 0 {
			m.arriving, m.leaving = float64(bytes)*8/arrived, float64(bytes)*8/sent
		}
		if m.span >= span {
			break
		}
		bytes += g.bytes
	}
	return m
}

// calm takes the noise of the last frames while nothing is congested. What
// follows a frame's beginning waits for the frame itself.
func (p *path) calm(span time.Duration) {
	least, ok := p.queue(span)
	if !ok {
		return
	}
	var sum time.Duration
	n := 0
	for i := range p.held() {
		g := p.at(i)
		if p.at(0).lastArrived-g.lastArrived > span {
			break
		}
		if g.head {
			sum += g.least - p.base.least() - least
			n++
		}
	}
	if n == 0 {
		return
	}
	const share = 16 // of a second or so, at a report each 50 to 100 ms
	p.noise += (sum/time.Duration(n) - p.noise) / share
}

// accept makes the present delay the base: the route has changed, or somebody
// else holds the queue.
func (p *path) accept(span time.Duration) {
	q, _ := p.queue(span)
	least := p.base.least() + q
	p.base = minimum{}
	p.base.add(p.at(0).sent, least)
}

// minimum is the least of the last baseWindow or so.
type minimum struct {
	since   time.Duration // when the first part began
	parts   [3]time.Duration
	started bool
}

const never = time.Duration(math.MaxInt64)

func (m *minimum) add(now, value time.Duration) {
	switch {
	case !m.started || now-m.since > 2*baseWindow:
		*m = minimum{since: now, parts: [3]time.Duration{value, never, never}, started: true}
	case now-m.since > baseWindow/3:
		m.since, m.parts = now, [3]time.Duration{value, m.parts[0], m.parts[1]}
	default:
		m.parts[0] = min(m.parts[0], value)
	}
}

func (m *minimum) least() time.Duration { return min(m.parts[0], m.parts[1], m.parts[2]) }
