package adapt

import "time"

const (
	// An encoder that takes longer than a frame lasts falls behind.
	slowAfter = 2 * time.Second
	// It may do more when, by the pixel, it would take no more than fastPart.
	fastPart  = 0.6
	fastAfter = 10 * time.Second
	// settle is for how long after a change its times still tell of the shape
	// before.
	settle = 1500 * time.Millisecond
	// maxFastAfter bounds the wait, which doubles with each mistake.
	maxFastAfter = 3 * time.Minute
)

// coder tells which rungs the encoder keeps up with.
type coder struct {
	best   int       // the best rung that it may be given
	behind time.Time // since when it is too slow; zero: it is not
	spare  time.Time // since when it could do the rung above best
	raised time.Time // when best was last raised; zero: not since a mistake
	wait   time.Duration
}

func newCoder() coder { return coder{wait: fastAfter} }

func (c *coder) forget() { c.behind, c.spare = time.Time{}, time.Time{} }

func (c *coder) watch(ladder []tier, at int, s Sample, shaped time.Time) {
	if s.EncodeP95 == 0 || s.At.Sub(shaped) < settle {
		c.forget()
		return
	}
	now := ladder[at]
	since(&c.behind, s.EncodeP95.Seconds() > 1/float64(now.FrameRate), s.At)
	if c.best == 0 {
		return
	}
	above := ladder[c.best-1]
	pixels := float64(above.Width*above.Height) / float64(now.Width*now.Height)
	since(&c.spare, pixels*s.EncodeP95.Seconds() <= fastPart/float64(above.FrameRate), s.At)
}

func (c *coder) slow(now time.Time) bool { return lasted(c.behind, now, slowAfter) }

// lower bounds the ladder at a rung, as the one above was too much.
func (c *coder) lower(to int, now time.Time) {
	if !c.raised.IsZero() && now.Sub(c.raised) < 3*relapse {
		c.wait = min(2*c.wait, maxFastAfter)
	} else {
		c.wait = fastAfter
	}
	c.best, c.raised = to, time.Time{}
	c.forget()
}

// raise lets the encoder have the rung above when it has had time to spare for
// long enough.
func (c *coder) raise(now time.Time) {
	if lasted(c.spare, now, c.wait) {
		c.best--
		c.raised, c.spare = now, time.Time{}
	}
}
