package adapt

import (
	"math/rand/v2"
	"time"
)

// link is a small model of a path with congestion control at its end: what it
// can carry is given by a schedule, and the estimate follows as a good one
// would: under it while a queue is to be drained, up by a few percent a tick no
// further than what is sent proves, and up to what a probe shows.
type link struct {
	capacity func(at time.Duration) int
	loss     float64
	rtt      time.Duration
	demand   int           // what the picture would send at most; 0: all it may
	encode   time.Duration // for a megapixel
	noise    *rand.Rand    // nil: none

	estimate float64
	queue    float64 // bits
	drained  bool
}

const (
	tick       = 100 * time.Millisecond
	linkStart  = 8_000_000
	linkMin    = 300_000
	linkGrowth = 1.01 // a tick: 10 % a second
)

var begin = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// step moves the link on by a tick in which so much was asked of it.
func (l *link) step(at time.Duration, d Decision) Sample {
	if l.estimate == 0 {
		l.estimate, l.drained = linkStart, true
		d.BitRate = 0 // nothing was sent yet
	}
	capacity := float64(l.capacity(at)) * (1 - l.loss)
	if l.noise != nil {
		capacity *= 0.97 + 0.06*l.noise.Float64()
	}
	sent := float64(d.BitRate)
	if l.demand > 0 {
		sent = min(sent, float64(l.demand))
	}
	l.queue = max(l.queue+(sent-capacity)*tick.Seconds(), 0)
	delay := time.Duration(0)
	switch {
	case capacity == 0: // nothing comes back
		l.estimate /= 2
		l.queue = 0 // what was sent is lost
	default:
		delay = time.Duration(l.queue / capacity * float64(time.Second))
		switch {
		case delay > 20*time.Millisecond:
			l.estimate = min(l.estimate, capacity*min(max(1-4*delay.Seconds(), 0.15), 0.9))
			l.drained = false
		case !l.drained:
			l.estimate = 0.95 * capacity
			l.drained = true
		case float64(d.Probe) > l.estimate:
			l.estimate = max(l.estimate, min(float64(d.Probe), 0.95*capacity))
		default:
			l.estimate = max(min(l.estimate*linkGrowth, 1.5*sent, capacity), min(l.estimate, capacity))
		}
	}
	l.estimate = max(l.estimate, linkMin)
	return Sample{
		At: begin.Add(at), Estimate: int(l.estimate), Sent: int(sent), Loss: l.loss,
		RTT: l.rtt + delay, QueueDelay: min(delay, time.Second),
		EncodeP95: time.Duration(float64(l.encode) * float64(d.Shape.Width*d.Shape.Height) / 1e6),
	}
}

// run plays a source over the link, and hands each tick to see.
func (l *link) run(source Source, length time.Duration, see func(at time.Duration, s Sample, d Decision)) Policy {
	p := New(source)
	d := p.Present()
	for at := time.Duration(0); at < length; at += tick {
		s := l.step(at, d)
		p, d = p.Step(s)
		see(at, s, d)
	}
	return p
}

func constantly(bps int) func(time.Duration) int { return func(time.Duration) int { return bps } }
