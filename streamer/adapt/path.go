package adapt

import "time"

const (
	// headroom is the part of the estimate that the picture takes of a path
	// that is well: headers, retransmissions and bursts need the rest.
	headroom = 0.85
	// Loss costs retransmissions, and on a long path repairs ahead of time: for
	// each part lost so much more is kept for them, up to maxRepair.
	repairOverLoss, maxRepair = 2.5, 0.25
	// lossSpan is over how long loss is averaged: that of a moment is part of a
	// congestion, which the estimate has answered already.
	lossSpan = 5 * time.Second
	// A queue above queueFree is to shrink: up to maxDrain of the estimate is
	// left to it for the time, all of it when it is queueFull.
	queueFree, queueFull = 20 * time.Millisecond, 120 * time.Millisecond
	maxDrain             = 0.2

	// A rung is kept down to keep of what it needs, and taken from take on, so
	// that a path in between moves nothing.
	keep, take = 0.9, 1.1

	downAfter = 500 * time.Millisecond
	// While a queue is drained the estimate is lower than what the path
	// carries: that is waited for, but no longer than downAtLast.
	downAtLast = time.Second
	upAfter    = 5 * time.Second
	// startAfter takes the place of upAfter for the first step up of the first
	// startSpan, in which the estimate is still being found.
	startAfter, startSpan = 500 * time.Millisecond, 3 * time.Second
	// alsoAfter is how long a rung above the next must have been carried to be
	// jumped to when the next one's time has come.
	alsoAfter = 2 * time.Second
	// A step up that lasted no longer than relapse was a mistake: the next one
	// has to wait twice as long, up to maxWait.
	relapse = 10 * time.Second
	maxWait = time.Minute
)

// averaged is the loss over lossSpan, after a time at the present one.
func averaged(average, present float64, elapsed time.Duration) float64 {
	return average + (present-average)*min(float64(elapsed)/float64(lossSpan), 1)
}

// share is the part of the estimate that a picture can have in the long run.
func share(s Sample) float64 {
	return headroom - min(repairOverLoss*s.Loss, maxRepair)
}

// usableOf is the rate that a picture can have in the long run, in bit/s.
func usableOf(s Sample) int { return int(share(s) * float64(s.Estimate)) }

// drain is the part of the estimate that is left to a queue, so that it
// shrinks.
func drain(s Sample) float64 {
	part := float64(s.QueueDelay-queueFree) / float64(queueFull-queueFree)
	return maxDrain * min(max(part, 0), 1)
}

// sane bounds a sample, which comes from measurements. Time never goes back.
func sane(s Sample, seen time.Time) Sample {
	if s.At.Before(seen) {
		s.At = seen
	}
	if !(s.Loss >= 0) { // NaN too
		s.Loss = 0
	}
	s.Loss = min(s.Loss, 1)
	s.QueueDelay, s.RTT, s.EncodeP95 = max(s.QueueDelay, 0), max(s.RTT, 0), max(s.EncodeP95, 0)
	return s
}

// path tells since when the path carries which rung.
type path struct {
	began   time.Time           // the first sample's
	below   time.Time           // since when the present rung is not carried; zero: it is
	carried [maxTiers]time.Time // since when a rung is carried; zero: it is not
	wait    time.Duration       // how long a rung must have been carried
	risen   time.Time           // the last step up; zero: none
}

func newPath() path { return path{wait: upAfter} }

func (p *path) forget() {
	p.below, p.carried = time.Time{}, [maxTiers]time.Time{}
}

func (p *path) watch(ladder []tier, at, usable int, now time.Time) {
	since(&p.below, float64(usable) < keep*float64(ladder[at].need), now)
	for i, t := range ladder {
		enough := take
		if !p.carried[i].IsZero() {
			enough = 1
		}
		since(&p.carried[i], float64(usable) >= enough*float64(t.need), now)
	}
}

// since keeps the time from which on something has been so.
func since(t *time.Time, so bool, now time.Time) {
	switch {
	case !so:
		*t = time.Time{}
	case t.IsZero():
		*t = now
	}
}

// lasted says whether something has been so for a while.
func lasted(since, now time.Time, d time.Duration) bool {
	return !since.IsZero() && now.Sub(since) >= d
}

func (p *path) narrow(s Sample) bool {
	if s.QueueDelay > queueFree {
		return lasted(p.below, s.At, downAtLast)
	}
	return lasted(p.below, s.At, downAfter)
}

// wide returns the rung to go up to, none better than best.
func (p *path) wide(at, best int, now time.Time) (int, bool) {
	wait := p.wait
	if p.risen.IsZero() && now.Sub(p.began) < startSpan {
		wait = startAfter
	}
	if at <= best || !lasted(p.carried[at-1], now, wait) {
		return at, false
	}
	to := at - 1
	for to > best && lasted(p.carried[to-1], now, min(wait, alsoAfter)) {
		to--
	}
	return to, true
}

func (p *path) moved(from, to int, now time.Time) {
	p.below = time.Time{}
	switch {
	case to < from:
		p.risen = now
	case !p.risen.IsZero() && now.Sub(p.risen) < relapse:
		p.wait = min(2*p.wait, maxWait)
	default:
		p.wait = upAfter
	}
}
