package congestion

import "time"

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
	drainPatience = time.Second
	// drainedRate is the part of the capacity that, arriving alone for so
	// long, would have let any queue drain.
	drainedRate = 0.92
	// drained is the queue, beyond jitter, that is none.
	drained = 6 * time.Millisecond
	// cruise is the part of the measured capacity to stay at: the rest keeps
	// frames of uneven size from queueing behind each other.
	cruise = 0.95
	// Growth a second: where no capacity is known, up to cruise where one is,
	// and beyond, where probes find out more and sooner.
	growFar, growNear, growBeyond = 0.5, 0.15, 0.003
	// full is the part that may arrive.
	full = 0.97
	// regret is how long a lost target is still probed for.
	regret = time.Minute
	// changed over the measured capacity, it has changed.
	changed = 1.10
	// probeMore is how far over the target these ask.
	probeMore = 1.5
	// growOverArrived bounds the target by what has been shown to arrive.
	growOverArrived = 1.5
	// usedPart of the target must arrive for it to have been tried at all.
	usedPart = 0.75
	// idlePart: a sender that uses less is not what fills the queue.
	idlePart = 0.5
	// idleStep is how far one sign takes the target down then.
	idleStep = 0.85
	// lossLimit is the excess of lost packets that is congestion by itself.
	lossLimit = 0.1
	// lossQueued is the share lost that is congestion when there is a queue.
	lossQueued = 0.04
	// lossPause is the time between two answers to loss.
	lossPause = 300 * time.Millisecond
	// silence without a report, with packets under way, is an outage; or
	// silences times what lies between reports, where that is more: at a low
	// rate browsers report each 250 ms.
	silence, silences = 350 * time.Millisecond, 3
	// silentStep is what is left of the target then.
	silentStep = 0.5
	// measureSpan is that of the arriving rate.
	measureSpan = 500 * time.Millisecond
	// quickSpan and quickLeast are those of the first measure of a capacity.
	quickSpan, quickLeast = 80 * time.Millisecond, 30 * time.Millisecond
)

// own is how long one packet takes through the bottleneck: what the least
// delay rises by when the capacity falls.
func (c *Controller) own() time.Duration {
	const bits = 1250 * 8
	return time.Duration(bits / max(c.state.target, c.state.capacity) * float64(time.Second))
}

// slack is the delay that is no queue.
func (c *Controller) slack() time.Duration { return c.path.noise + c.own() }

// congested answers a queue.
func (c *Controller) congested(now, q, ahead time.Duration) bool {
	s := &c.state
	lasting, ok := c.path.queue(standingSpan)
	m := c.path.busy(quickSpan, c.own())
	sudden := q > overuse+c.slack() && m.even() &&
		m.arriving < 0.9*m.leaving && m.arriving < 0.95*s.target
	if !sudden && !(ok && lasting > standing+c.slack()) {
		return false
	}
	s.before, s.dropped = max(s.target, s.before), now
	idle := c.path.rate(measureSpan) < idlePart*s.target && q < 2*overuse+c.slack()
	if idle || !m.even() {
		// So little was sent, or so much came at once, that it is late but
		// says nothing of what the path carries.
		if now-s.lossy > lossPause {
			s.lossy = now
			c.set(idleStep * s.target)
		}
		return true
	}
	s.capacity = min(m.arriving, s.target)
	c.probes.stop(now)
	c.enter(draining, now)
	c.drain(now, q, ahead)
	return true
}

// drain sends under capacity until the queue is gone.
func (c *Controller) drain(now, q, ahead time.Duration) {
	s := &c.state
	m := c.path.busy(2*quickSpan, c.own())
	if m.even() && m.leaving > 1.1*m.arriving || m.span >= quickSpan && m.arriving > s.capacity {
		// Of what was sent too slowly to fill it, less than the capacity
		// arrives.
		s.capacity = min(max(m.arriving, float64(c.bounds.Min)), float64(c.bounds.Max))
	}
	if now-s.since > drainPatience && c.path.rate(measureSpan) < drainedRate*s.capacity {
		c.path.accept(newest)
		q, ahead = 0, 0
	}
	if q <= drained+c.slack() && ahead <= overuse+c.slack() {
		c.enter(normal, now)
		c.set(cruise * s.capacity)
		c.forgive() // the queue has overflowed, and that is over
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
	full := lostNow > 0 && share > lossQueued && q > standing+c.slack()
	if !enough || excess < lossLimit && !full || now-s.lossy < lossPause {
		return false
	}
	s.lossy = now
	s.before, s.dropped = max(s.target, s.before), now
	c.set(min(s.target, max(c.path.rate(measureSpan), (1-excess)*s.target)))
	return true
}

// grow raises the target while the queue is short and the target is used.
func (c *Controller) grow(now, elapsed, q time.Duration) {
	s := &c.state
	arriving := c.path.rate(measureSpan)
	share, _ := c.loss.share()
	used := arriving >= usedPart*s.target*(1-share)
	c.seek(now, arriving, used)
	if !used {
		return
	}
	s.arriving += (arriving - s.arriving) * min(elapsed.Seconds(), 1)
	if q < drained+c.slack() && s.arriving > s.capacity && s.capacity > 0 {
		s.capacity = s.arriving // it can't be less
	}
	speed := growFar
	switch {
	case s.capacity == 0:
	case arriving > full*s.capacity && s.target > cruise*s.capacity:
		speed = -growNear
	case arriving > cruise*s.capacity || s.target > s.capacity:
		speed = growBeyond
	default:
		speed = growNear
	}
	if speed > 0 {
		speed *= max(0, 1-q.Seconds()/(overuse+c.slack()).Seconds())
	}
	next := s.target * (1 + speed*elapsed.Seconds())
	c.set(min(next, max(s.target, growOverArrived*arriving)))
}

// seek asks for a probe when the target is used up to the measured capacity,
// and, used or not, when it was higher not long ago.
func (c *Controller) seek(now time.Duration, arriving float64, used bool) {
	s := &c.state
	every := c.probes.every
	if s.before > 0 {
		every = min(every, probeRegret)
	}
	if now-c.probes.ended < every {
		return
	}
	if s.target > 0.95*s.before || now-s.dropped > regret {
		s.before = 0
	}
	if used && s.capacity > 0 && s.target >= 0.98*cruise*s.capacity {
		c.probes.ask(probeMore * s.target)
	}
	if s.before > 0 && arriving > idlePart*idlePart*s.target {
		c.probes.ask(min(probeStep*s.target, s.before))
	}
}

// resume goes on after an outage: what was lost in it says nothing, and a
// probe finds out whether the path is what it was.
func (c *Controller) resume(now time.Duration) {
	s := &c.state
	c.forgive()
	c.enter(normal, now)
	c.probes.rest = now
	c.probes.ask(s.before)
}

// forgive lets what was lost until now be.
func (c *Controller) forgive() {
	c.state.amnesty = c.sent.next
	c.loss.steps = [lossSteps]tally{}
}

// probed takes the result of a probe.
func (c *Controller) probed(now time.Duration, reported int64) {
	rate, limit, ok := c.probes.result(now, reported)
	if !ok || c.state.phase != normal {
		return
	}
	s := &c.state
	c.probes.found(rate > changed*s.target)
	switch {
	case limit && s.capacity == 0:
		s.capacity = max(rate, s.arriving)
		c.set(cruise * s.capacity)
	case rate <= s.target:
		// Jitter, or what the video was in the way of: it arrives after all.
	case limit && rate < changed*s.capacity:
		// Nothing new: a queue measures better than a probe.
		c.set(max(s.target, cruise*min(rate, s.capacity)))
	case limit:
		s.capacity = rate
		c.set(max(s.target, cruise*rate))
	default:
		s.capacity = 0
		c.set(rate)
		c.probes.ask(probeStep * rate) // how much more?
	}
}
