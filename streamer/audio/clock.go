package audio

import "time"

// maxDrift is how far the count of samples and the clock may come apart.
const maxDrift = 40 * time.Millisecond

// sampleClock tells when each frame was played, counting frames from an anchor.
type sampleClock struct {
	anchor time.Time // of the first frame since; zero: none yet
	frames int       // since the anchor
	jumps  int       // how often it began anew
}

// next is the time of a frame that was complete at arrived.
func (c *sampleClock) next(arrived time.Time) time.Time {
	began := arrived.Add(-FrameDuration)
	counted := c.anchor.Add(time.Duration(c.frames) * FrameDuration)
	if off := began.Sub(counted); c.anchor.IsZero() || off > maxDrift || off < -maxDrift {
		if !c.anchor.IsZero() {
			c.jumps++
		}
		c.anchor, c.frames, counted = began, 0, began
	}
	c.frames++
	return counted
}

// reset begins anew with the next frame, for a silence that was wanted.
func (c *sampleClock) reset() { c.anchor = time.Time{} }
