package link

import (
	"math/rand/v2"
	"time"
)

// Burst is the loss of the Gilbert model: the line is good or bad, and all
// packets are lost while it is bad. Begin and End are the chances, at each
// packet, that a bad time begins and ends: bursts are 1/End packets long, and
// Begin/(Begin+End) of all packets are lost. With Begin 0 there are none.
type Burst struct {
	Begin, End float64
}

// gilbert is the state of the model.
type gilbert struct{ bad bool }

func (g *gilbert) lost(b Burst, rng *rand.Rand) bool {
	switch {
	case b.Begin == 0:
		g.bad = false
	case g.bad:
		g.bad = rng.Float64() >= b.End
	default:
		g.bad = rng.Float64() < b.Begin
	}
	return g.bad
}

// jitterStep is how often the extra delay takes another course. Were it drawn
// for each packet, the order that packets keep would turn it into a constant
// delay with gaps.
const jitterStep = 20 * time.Millisecond

// jitter is an extra delay that goes from one random value to the next.
type jitter struct {
	begin    time.Duration // of this step
	from, to float64       // shares of the most
}

// at is the extra delay at an instant, of at most the given.
func (j *jitter) at(now, most time.Duration, rng *rand.Rand) time.Duration {
	if most == 0 {
		return 0
	}
	if steps := (now - j.begin) / jitterStep; steps > 0 {
		j.begin += steps * jitterStep
		if j.from = j.to; steps > 1 {
			j.from = rng.Float64()
		}
		j.to = rng.Float64()
	}
	passed := float64(now-j.begin) / float64(jitterStep)
	return time.Duration((j.from + (j.to-j.from)*passed) * float64(most))
}
