package congestion

import (
	"math/rand/v2"
	"time"
)

const ms = time.Millisecond

// link is a bottleneck with a queue, in virtual time, one way.
type link struct {
	rate   func(now time.Duration) float64 // bits a second
	hold   time.Duration                   // longest queue; what comes on top is dropped
	delay  time.Duration
	jitter time.Duration // up to so much more for each packet, none overtakes
	loss   float64       // at random
	burst  float64       // chance that a burst of losses begins
	pause  time.Duration // of the receiver each 1.7 s: what comes in it is taken at its end
	out    func(now time.Duration) bool

	random          *rand.Rand
	free            time.Duration // when the bottleneck has sent what it has
	last            time.Duration // when the last packet arrives
	bad             bool
	carried         int // bytes
	dropped, vanish int
}

// pass is when a packet arrives; false when it never does.
func (l *link) pass(now time.Duration, size int) (time.Duration, bool) {
	if l.out != nil && l.out(now) {
		l.vanish++
		return 0, false
	}
	if l.queue(now) > l.hold {
		l.dropped++
		return 0, false
	}
	l.free = max(l.free, now) + time.Duration(float64(size)*8/l.rate(now)*float64(time.Second))
	l.carried += size
	if l.bad = l.bad && l.random.Float64() > 0.1 || !l.bad && l.random.Float64() < l.burst; l.bad {
		l.vanish++
		return 0, false
	}
	if l.random.Float64() < l.loss {
		l.vanish++
		return 0, false
	}
	at := l.free + l.delay
	if l.jitter > 0 {
		at += time.Duration(l.random.Int64N(int64(l.jitter)))
	}
	if into := at % (1700 * ms); into < l.pause {
		at += (l.pause - into) * 9 / 10 // it takes a while to catch up
	}
	l.last = max(l.last, at)
	return l.last, true
}

func (l *link) queue(now time.Duration) time.Duration { return max(0, l.free-now) }

// source is a video encoder that follows its target, with frames of varying
// size and a debt for those too large.
type source struct {
	random *rand.Rand
	most   float64 // bits a second, whatever the target
	debt   float64 // bytes beyond the target
	key    bool
}

func (s *source) frame(target float64) int {
	want := min(target, s.most) / 8 / frameRate
	size := want * (0.75 + 0.5*s.random.Float64())
	if s.key {
		s.key = false
		size = 4 * want
	}
	size = max(200, min(size, 8*want), size-s.debt/8)
	if size > 300 {
		size = max(300, size-max(0, s.debt)/8)
	}
	s.debt += size - want
	s.debt = max(s.debt, -want)
	return int(size)
}

const frameRate = 60
