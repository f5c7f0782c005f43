package capture

import (
	"slices"
	"testing"
	"time"
)

func TestPaceNeverPassesTheRate(t *testing.T) {
	p := newPace(60)
	start := time.Unix(0, 0)
	now := start
	const n = 600
	for range n { // a game that always has something new
		if e := p.earliest(now, false); e.After(now) {
			now = e
		}
		p.taken(now, false)
	}
	if took := now.Sub(start); took < (n-2)*p.period {
		t.Errorf("%d pictures in %v", n, took)
	}
}

func TestPaceLetsJitterPass(t *testing.T) {
	p := newPace(60)
	start := time.Unix(0, 0)
	for i := range 600 { // alternately early and on time
		at := start.Add(time.Duration(i)*time.Second/60 - time.Duration(i%2)*3*time.Millisecond)
		if late := p.earliest(at, false).Sub(at); late > 0 {
			t.Fatalf("picture %d is held back by %v", i, late)
		}
		p.taken(at, false)
	}
}

// After one late picture the next are taken when they are drawn, although the
// game never draws slower than the rate.
func TestPaceForgetsALatePicture(t *testing.T) {
	p := newPace(60)
	start := time.Unix(0, 0)
	for i := range 100 {
		at := start.Add(time.Duration(i) * time.Second / 60)
		if i == 50 {
			at = at.Add(8 * time.Millisecond)
		}
		if late := p.earliest(at, false).Sub(at); late > 0 {
			t.Fatalf("picture %d is held back by %v", i, late)
		}
		p.taken(at, false)
	}
}

func TestPaceAfterRest(t *testing.T) {
	p := newPace(30)
	start := time.Unix(0, 0)
	p.taken(start, false)
	after := start.Add(time.Minute)
	if p.earliest(after, false).After(after) {
		t.Fatal("held back after a minute of rest")
	}
	p.taken(after, false)
	if gap := p.earliest(after, false).Sub(after); gap != time.Second/30/2 {
		t.Errorf("the next may follow after %v, want half a period", gap)
	}
	p.taken(p.earliest(after, false), false)
	if gap := p.earliest(after, false).Sub(after); gap < time.Second/30 {
		t.Errorf("rest was saved up: a third may follow after %v", gap)
	}
}

// play draws at the times given, with inputs at others, and returns when the
// pictures are taken, without settling: what is drawn before a picture is taken
// is in it. Both lists are in order.
func play(p *pace, drawn, inputs []time.Time) (taken []time.Time) {
	var c change
	flush := func(before time.Time) { // takes what is due by then
		for !c.drawn.IsZero() {
			due := c.due(p)
			if !due.Before(before) {
				return
			}
			at := later(due, later(c.drawn, c.quick))
			p.taken(at, !c.quick.IsZero())
			c.taken(time.Hour)
			taken = append(taken, at)
		}
	}
	for _, at := range drawn {
		for len(inputs) > 0 && !inputs[0].After(at) {
			flush(inputs[0])
			c.hurry(inputs[0])
			inputs = inputs[1:]
		}
		flush(at)
		c.see(at, 0)
	}
	flush(drawn[len(drawn)-1].Add(time.Second))
	return taken
}

// every returns n times, one a second divided by rate, each moved a little.
func every(rate float64, n int, offset time.Duration) (times []time.Time) {
	for i := range n {
		jitter := time.Duration(i*7919%1000) * time.Microsecond
		times = append(times, time.Unix(0, 0).Add(offset+jitter+time.Duration(float64(i)*float64(time.Second)/rate)))
	}
	return times
}

func merge(a, b []time.Time) []time.Time {
	all := slices.Concat(a, b)
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func TestHurriedIsTakenAtOnce(t *testing.T) {
	const seconds = 20
	inputs := every(6, 6*seconds, 5*time.Millisecond)
	var effects []time.Time
	for _, at := range inputs {
		effects = append(effects, at.Add(time.Millisecond))
	}
	for _, rate := range []float64{30, 59.94, 60} { // the game draws its own frames, and one for each input
		p := newPace(60)
		taken := play(&p, merge(every(rate, int(rate*seconds), 0), effects), inputs)
		if n := len(taken); rate > 59 && n < 59*seconds {
			t.Errorf("at %v: only %d pictures", rate, n)
		}
		for _, at := range effects {
			i, _ := slices.BinarySearchFunc(taken, at, time.Time.Compare)
			if late := taken[i].Sub(at); late > p.period/2 {
				t.Errorf("at %v: the effect of an input drawn %v after the start is taken %v late",
					rate, at.Sub(time.Unix(0, 0)), late)
			}
		}
	}
}

// Whatever is drawn and pressed, the long-run rate holds, gifts aside.
func TestHurryInAStormKeepsTheRate(t *testing.T) {
	const seconds = 20
	for _, drawing := range []float64{30, 60, 61, 75, 144, 240, 1000} {
		for _, pressing := range []float64{1, 6, 20, 60, 125, 500} {
			p := newPace(60)
			taken := play(&p, every(drawing, int(drawing*seconds), 0), every(pressing, int(pressing*seconds), time.Millisecond))
			// A second may hold those that a period's leeway, what is owed and the gifts allow.
			const gifts = int(time.Second / giftEvery)
			const most = 60 + gifts + maxOwed + 2
			for i := most; i < len(taken); i++ {
				if span := taken[i].Sub(taken[i-most]); span < time.Second {
					t.Fatalf("drawing %v, pressing %v: %d pictures in %v", drawing, pressing, most, span)
				}
			}
			least := min(drawing, 60) * 0.96 * seconds
			if n := float64(len(taken)); n > (60+float64(gifts))*seconds+maxOwed+2 || n < least {
				t.Errorf("drawing %v, pressing %v: %v pictures in %d s", drawing, pressing, n, seconds)
			}
		}
	}
}

// The frames that a game draws at the very rate are taken when they are drawn,
// although inputs have led to others between them; some are left out instead.
func TestHurryDelaysNoFrame(t *testing.T) {
	const seconds = 20
	frames := every(60, 60*seconds, 0)
	var effects []time.Time
	inputs := every(3, 3*seconds, 300*time.Microsecond)
	for _, at := range inputs {
		effects = append(effects, at.Add(time.Millisecond))
	}
	p := newPace(60)
	drawn := merge(frames, effects)
	late := 0
	for _, at := range play(&p, drawn, inputs) {
		i, found := slices.BinarySearchFunc(drawn, at, time.Time.Compare)
		if !found {
			i--
		}
		if at.Sub(drawn[i]) > 2*time.Millisecond {
			late++
		}
	}
	if late > len(inputs) {
		t.Errorf("%d frames are taken late after %d inputs", late, len(inputs))
	}
}
