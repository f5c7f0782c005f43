package adapt

import "time"

const (
	// A probe has probeTime and two round trips to show in the estimate.
	probeTime = time.Second
	// After a failure, or a step down, the same question waits, each time twice
	// as long.
	minProbeWait, maxProbeWait = 2 * time.Second, 16 * time.Second
	// nextProbe is the wait for another question, about a better rung, and for
	// the same one when the estimate has risen by helped, if not far enough.
	nextProbe = 300 * time.Millisecond
	helped    = 1.1
	// probeOverTake asks for a little more than is needed, since what is
	// measured is not exact.
	probeOverTake = 1.03
	// A path that queues or loses more than this is not burdened further.
	probeQueue, probeLoss = 40 * time.Millisecond, 0.1
)

// probe asks whether the path carries a better rung, where the estimate does
// not say so of itself: one question at a time.
type probe struct {
	asked time.Time // zero: none is under way
	ended time.Time // when the last one was answered
	rung  int       // which it is, or was, about
	from  int       // the estimate when it was asked
	wait  time.Duration
}

// rest leaves the path in peace for a while.
func (p *probe) rest(now time.Time) {
	p.asked, p.ended, p.wait = time.Time{}, now, minProbeWait
}

// step returns the rung that the path is to be tried for now, if any.
func (p *probe) step(policy *Policy, s Sample) (rung int, ok bool) {
	if !p.asked.IsZero() {
		switch {
		case !policy.path.carried[p.rung].IsZero():
			p.asked, p.ended, p.wait = time.Time{}, s.At, minProbeWait
		case s.At.Sub(p.asked) < probeTime+2*s.RTT:
		case float64(s.Estimate) >= helped*float64(p.from):
			p.asked, p.ended, p.wait = time.Time{}, s.At, nextProbe
		default:
			p.asked, p.ended, p.wait = time.Time{}, s.At, min(max(2*p.wait, minProbeWait), maxProbeWait)
		}
		return 0, false
	}
	if rung, ok = policy.unproven(); !ok {
		return 0, false
	}
	wait := p.wait
	if rung < p.rung {
		p.wait, wait = minProbeWait, nextProbe
	}
	falling := !policy.path.below.IsZero() && policy.at+1 < len(policy.ladder)
	busy := s.QueueDelay > probeQueue || s.Loss > probeLoss || falling
	if busy || s.At.Sub(p.ended) < wait {
		return 0, false
	}
	p.asked, p.rung, p.from = s.At, rung, s.Estimate
	return rung, true
}

// unproven is the first rung above the present one that the path is not known
// to carry, if the encoder can follow; or the present one if it is too much.
func (p *Policy) unproven() (int, bool) {
	if !p.path.below.IsZero() {
		return p.at, true
	}
	for i := p.at - 1; i >= p.coder.best; i-- {
		if p.path.carried[i].IsZero() {
			return i, true
		}
	}
	return 0, false
}

// enough is the estimate that proves a rung.
func enough(t tier, s Sample) int {
	return int(probeOverTake*take*float64(t.need)/share(s)) + 1
}
