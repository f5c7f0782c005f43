package congestion

import (
	"time"
)

// Bounds of the target in bits a second.
type Bounds struct{ Start, Min, Max int }

const (
	// overuse is the queue, beyond the path's own jitter, at which the sender
	// answers at once when less arrives than it sends.
	overuse = 20 * time.Millisecond
	// standing is the queue that may not last for standingSpan, whatever the
	// rates: sent just at capacity, it would never go away.
	standing     = 10 * time.Millisecond
	standingSpan = 250 * time.Millisecond
	// drainSpan is the time in which a queue is to be gone.
	drainSpan = 250 * time.Millisecond
	// drainLeast of the capacity is sent even so, that the picture moves.
	drainLeast = 0.15
	// drainPatience is how long a queue may resist before it is taken for the
	// path's new delay.
	drainPatience = 2 * time.Second
	// drained is the queue, beyond jitter, that is none.
	drained = 6 * time.Millisecond
	// afterDrain is the part of the measured capacity to go on with.
	afterDrain = 0.95
	// growNear and growFar are the growth a second, near the capacity that was
	// measured and where none is known.
	growNear, growFar = 0.06, 0.5
	// nearFrom and nearTo of the measured capacity are near it; beyond, it has
	// changed.
	nearFrom, nearTo = 0.85, 1.10
	// growOverArrived bounds the target by what has been shown to arrive.
	growOverArrived = 1.5
	// usedPart of the target must arrive for it to have been tried at all.
	usedPart = 0.75
	// idlePart: a sender that uses less is not what fills the queue.
	idlePart = 0.5
	// idleStep is how far one sign takes the target down then.
	idleStep = 0.85
	// lossLimit is the excess of lost packets that is congestion by itself.
	lossLimit = 0.08
	// lossQueued is the share lost that is congestion when there is a queue.
	lossQueued = 0.04
	// lossPause is the time between two answers to loss.
	lossPause = 300 * time.Millisecond
	// silence without a report, with packets under way, is an outage.
	silence = 350 * time.Millisecond
	// silentStep is what is left of the target then.
	silentStep = 0.5
	// measureSpan is that of the arriving rate.
	measureSpan = 500 * time.Millisecond
	// quickSpan and quickLeast are those of the first measure of a capacity.
	quickSpan, quickLeast = 80 * time.Millisecond, 30 * time.Millisecond
)

type phase uint8

const (
	normal phase = iota
	draining
	silent // no report comes
)

// Controller finds the rate for one sender. It is not safe for concurrent use.
type Controller struct {
	bounds Bounds
	sent   history
	path   path
	loss   losses
	probes prober
	state  state
}

type state struct {
	phase    phase
	since    time.Duration // of the phase
	target   float64       // bits a second
	capacity float64       // as last measured, 0 for unknown
	before   float64       // target before the outage or the drop
	reported time.Duration // when the last report came
	lossy    time.Duration // when loss was last answered
	amnesty  int64         // packets before this number were lost in an outage
	queue    time.Duration
	lies     uint64
}

// New begins at the bounds' start, and asks for probes up to their most.
func New(b Bounds) *Controller {
	c := &Controller{bounds: b, state: state{target: float64(b.Start)}}
	c.probes.ask(float64(b.Max))
	return c
}

// Sent notes a packet of so many bytes, headers included, that leaves at now,
// by any clock that does not run backwards, as part of a probe or of none (0).
// It returns the packet's transport-wide number.
func (c *Controller) Sent(now time.Duration, size int, cluster int32) uint16 {
	c.listen(now)
	number := c.sent.add(now, size, cluster)
	c.probes.sent(c.sent.next-1, size, cluster)
	return number
}

// listen notices that reports have stopped.
func (c *Controller) listen(now time.Duration) {
	s := &c.state
	if s.phase == silent || !c.sent.waiting || now-c.sent.oldest < silence || now-s.reported < silence || s.reported == 0 {
		return
	}
	s.before = max(s.target, s.before)
	c.enter(silent, now)
	c.set(silentStep * s.target)
	c.probes.stop(now)
}

func (c *Controller) enter(p phase, now time.Duration) { c.state.phase, c.state.since = p, now }

func (c *Controller) set(target float64) {
	c.state.target = min(max(target, float64(c.bounds.Min)), float64(c.bounds.Max))
}

// Target is the rate to send at, retransmissions and all, in bits a second.
func (c *Controller) Target() int { return int(c.state.target) }

// Ask has the path tried up to a rate.
func (c *Controller) Ask(rate int) { c.probes.ask(min(float64(rate), float64(c.bounds.Max))) }

// Probe is the next probe to send, if one is due.
func (c *Controller) Probe(now time.Duration) (Cluster, bool) {
	if c.state.phase != normal || c.state.reported == 0 {
		return Cluster{}, false
	}
	return c.probes.next(now, c.state.target)
}

// Queue is the delay of the path's standing queue.
func (c *Controller) Queue() time.Duration { return c.state.queue }

// Loss is the share of packets lost in the last second.
func (c *Controller) Loss() float64 {
	share, _ := c.loss.share()
	return share
}

// Lies counts arrivals that can't be true: packets never sent.
func (c *Controller) Lies() uint64 { return c.state.lies }

// Report takes one report that came at now.
func (c *Controller) Report(now time.Duration, arrivals []Arrival) {
	last, lostNow := c.take(now, arrivals)
	if last == nil {
		return
	}
	s := &c.state
	elapsed := min(now-s.reported, 200*time.Millisecond)
	if s.reported == 0 {
		elapsed = 0
	}
	s.reported = now
	if s.phase == silent {
		c.resume(now)
	}
	q, _ := c.path.queue(newest)
	ahead := c.ahead(now, q, last)
	s.queue = q
	switch s.phase {
	case draining:
		c.drain(now, ahead)
	default:
		if !c.congested(now, q, ahead) && !c.lossy(now, q, lostNow) {
			c.path.calm(standingSpan)
			c.grow(elapsed, q)
		}
	}
	c.probed(now, last.number)
}

// take notes what became of each packet, and returns the newest that arrived.
func (c *Controller) take(now time.Duration, arrivals []Arrival) (last *packet, lostNow int) {
	all := 0
	for _, a := range arrivals {
		k := c.sent.find(a.Number)
		if k == nil || k.sent > now {
			c.state.lies++
			continue
		}
		if k.fate == arrived || !a.Received && k.fate == lost {
			continue
		}
		if k.number >= c.state.amnesty {
			switch {
			case k.fate == lost:
				lostNow--
			case !a.Received:
				lostNow, all = lostNow+1, all+1
			default:
				all++
			}
		}
		if !a.Received {
			k.fate = lost
			continue
		}
		k.fate = arrived
		c.path.add(k.sent, a.At, int(k.size))
		c.probes.heard(k, a.At)
		if last == nil || k.number > last.number {
			last = k
		}
	}
	if last != nil {
		c.sent.waiting = false
		if last.number+1 < c.sent.next {
			c.sent.oldest, c.sent.waiting = c.sent.ring[(last.number+1)%historySize].sent, true
		}
	}
	c.loss.add(now, lostNow, all)
	return last, lostNow
}

// ahead is the queue that a packet sent now would find: the one that the last
// packet found, and what was sent since less what the bottleneck has let
// through since (Lindley's recursion).
func (c *Controller) ahead(now, q time.Duration, last *packet) time.Duration {
	capacity := max(c.state.capacity, float64(c.bounds.Min))
	if c.state.capacity == 0 {
		return q
	}
	added := time.Duration(float64(c.sent.since(last)) * 8 / capacity * float64(time.Second))
	return max(0, q+added-(now-last.sent))
}

// congested answers a queue.
func (c *Controller) congested(now, q, ahead time.Duration) bool {
	s := &c.state
	lasting, ok := c.path.queue(standingSpan)
	m := c.path.busy(quickSpan)
	sudden := q > overuse+c.path.noise && m.span >= quickLeast &&
		m.arriving < 0.9*m.leaving && m.arriving < 0.95*s.target
	if !sudden && !(ok && lasting > standing+c.path.noise) {
		return false
	}
	if m.span < quickLeast {
		m.arriving = c.path.rate(measureSpan)
	}
	s.before = max(s.target, s.before)
	arriving := c.path.rate(measureSpan)
	if arriving < idlePart*s.target && q < 2*overuse+c.path.noise {
		// Next to nothing was sent, and one late frame makes the queue.
		if now-s.lossy > lossPause {
			s.lossy = now
			c.set(idleStep * s.target)
		}
		return true
	}
	s.capacity = min(m.arriving, s.target)
	c.probes.stop(now)
	c.enter(draining, now)
	c.drain(now, ahead)
	return true
}

// drain sends under capacity until the queue is gone.
func (c *Controller) drain(now, ahead time.Duration) {
	s := &c.state
	if m := c.path.busy(2 * quickSpan); m.span >= quickLeast {
		s.capacity = min(max(m.arriving, float64(c.bounds.Min)), float64(c.bounds.Max))
	}
	lasting, _ := c.path.queue(newest)
	if now-s.since > drainPatience {
		c.path.accept(newest)
		lasting, ahead = 0, 0
	}
	if ahead <= drained+c.path.noise && lasting <= overuse+c.path.noise {
		c.enter(normal, now)
		c.set(afterDrain * s.capacity)
		return
	}
	share := 1 - ahead.Seconds()/drainSpan.Seconds()
	c.set(s.capacity * min(max(share, drainLeast), 0.9))
}

// lossy answers loss that is not the path's own.
func (c *Controller) lossy(now, q time.Duration, lostNow int) bool {
	s := &c.state
	share, enough := c.loss.share()
	excess := c.loss.excess()
	full := lostNow > 0 && share > lossQueued && q > standing+c.path.noise
	if !enough || excess < lossLimit && !full || now-s.lossy < lossPause {
		return false
	}
	s.lossy = now
	s.before = max(s.target, s.before)
	c.set(min(s.target, max(c.path.rate(measureSpan), (1-excess)*s.target)))
	return true
}

// grow raises the target while the queue is short and the target is used.
func (c *Controller) grow(elapsed, q time.Duration) {
	s := &c.state
	arriving := c.path.rate(measureSpan)
	if share, _ := c.loss.share(); arriving < usedPart*s.target*(1-share) {
		return
	}
	speed := growFar
	if s.capacity > 0 {
		switch {
		case s.target > nearTo*s.capacity:
			s.capacity = 0 // it has changed: find out
			c.probes.ask(float64(c.bounds.Max))
		case s.target > nearFrom*s.capacity:
			speed = growNear
		}
	}
	room := 1 - q.Seconds()/(overuse+c.path.noise).Seconds()
	next := s.target * (1 + max(0, room)*speed*elapsed.Seconds())
	c.set(min(next, max(s.target, growOverArrived*arriving)))
}

// resume goes on after an outage: what was lost in it says nothing, and a
// probe finds out whether the path is what it was.
func (c *Controller) resume(now time.Duration) {
	s := &c.state
	s.amnesty = c.sent.next
	c.loss = losses{}
	c.enter(normal, now)
	c.probes.rest = now
	c.probes.ask(s.before)
}

// probed takes the result of a probe.
func (c *Controller) probed(now time.Duration, reported int64) {
	rate, limit, ok := c.probes.result(now, reported)
	if !ok || c.state.phase != normal {
		return
	}
	if limit {
		c.state.capacity = rate
		rate *= afterDrain
	}
	if rate > c.state.target {
		c.set(rate)
	}
	if c.state.target >= 0.95*c.probes.want {
		c.probes.want = 0
	}
}
