package capture

import "time"

const (
	// hurryFor is how long after an input its effect is waited for.
	hurryFor = 50 * time.Millisecond

	// hurryBefore is how long before we hear of an input its effect may be
	// seen: a game can be faster than who tells us.
	hurryBefore = 4 * time.Millisecond

	// hurryHidden is how soon after an input a fast game has drawn its effect.
	hurryHidden = 2 * time.Millisecond

	// repeats is into how many parts the longest time between pictures is
	// divided for the first repetition.
	repeats = 8
)

// change is what has been seen of the screen since the last picture. When a
// picture is due for it follows from the times that it is told.
type change struct {
	drawn  time.Time     // first seen then; zero: nothing is new
	settle time.Duration // to wait for more
	quick  time.Time     // first seen then after an input; zero: nothing
	input  time.Time     // the last
	repeat time.Duration // from the last picture to the next, if nothing is drawn
}

// see notes that something was drawn, with more to come for as long as settle.
func (c *change) see(at time.Time, settle time.Duration) {
	if c.drawn.IsZero() {
		c.drawn, c.settle = at, settle
	}
	if c.quick.IsZero() && at.Before(c.input.Add(hurryFor)) {
		c.quick = at
	}
}

// hurry notes an input. What was drawn long before it hides when its effect is
// drawn: a picture then is taken when a fast game has drawn that.
func (c *change) hurry(at time.Time) {
	c.input = at
	if c.drawn.IsZero() || !c.quick.IsZero() {
		return
	}
	c.quick = c.drawn
	if c.drawn.Before(at.Add(-hurryBefore)) {
		c.quick = at.Add(hurryHidden)
	}
}

// due is when a picture is to be taken for the change.
func (c *change) due(p *pace) time.Time {
	at := later(p.earliest(c.drawn, false), c.drawn.Add(c.settle))
	if !c.quick.IsZero() {
		if quick := later(p.earliest(c.quick, true), c.quick.Add(c.settle)); quick.Before(at) {
			return quick
		}
	}
	return at
}

// taken begins anew: a picture shows what was drawn. The time to its repetition
// doubles from one to the next, up to the longest.
func (c *change) taken(longest time.Duration) {
	if !c.drawn.IsZero() {
		c.repeat = 0
	}
	c.repeat = min(max(2*c.repeat, longest/repeats), longest)
	c.drawn, c.quick = time.Time{}, time.Time{}
}
