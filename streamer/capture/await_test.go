package capture

import (
	"image"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// At one picture a second, whatever does not hurry takes half a second. On a
// busy machine what hurries may take as long, but not each time.
func TestHurryOnAScreen(t *testing.T) {
	const soon, tries = 400 * time.Millisecond, 10
	server := xvfbtest.Start(t, 64, 48)
	paint := newPainter(t, server)
	cfg := config(server)
	cfg.FrameRate = 1
	whole := image.Rect(0, 0, 64, 48)
	draw := func(rgb uint32) time.Time {
		at := time.Now()
		paint.rect(whole, rgb)
		paint.sync()
		return at
	}
	for name, press := range map[string]func(screen *Screen, rgb uint32) (at time.Time){
		"drawn after the input": func(screen *Screen, rgb uint32) time.Time {
			screen.Hurry()
			return draw(rgb)
		},
		"drawn before we hear of the input": func(screen *Screen, rgb uint32) time.Time {
			defer screen.Hurry()
			return draw(rgb)
		},
		"hidden by what was drawn long before": func(screen *Screen, rgb uint32) time.Time {
			for drawn := draw(rgb); time.Since(drawn) < 10*hurryBefore; {
				paint.sync() // the first picture waits for its turn
			}
			defer screen.Hurry()
			return time.Now()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var late time.Duration
			for try := range tries {
				screen := open(t, cfg)
				wait(t, read(screen))
				next, rgb := read(screen), uint32(0x102030+try)
				at := press(screen, rgb)
				wait(t, next).colour(t, 5, 5, rgb)
				if late = screen.Captured().Sub(at); late <= soon {
					return
				}
			}
			t.Errorf("taken after %v, at the last try", late)
		})
	}
}

// What is still is repeated ever more rarely, and anew after a change.
func TestRepetitionsSlowDown(t *testing.T) {
	var c change
	at := time.Unix(0, 0)
	for range 2 {
		c.see(at, 0)
		for _, want := range []time.Duration{200, 400, 800, 1600, 1600} {
			c.taken(1600 * time.Millisecond)
			if c.repeat != want*time.Millisecond {
				t.Errorf("repeated after %v, want %v ms", c.repeat, int(want))
			}
		}
	}
}

func TestInputLastsForAWhile(t *testing.T) {
	input := time.Unix(100, 0)
	for _, c := range []struct {
		name         string
		drawn, quick time.Duration // after the input; quick -1: not at all
	}{
		{"long before", -5 * time.Millisecond, hurryHidden},
		{"just before", -3 * time.Millisecond, -3 * time.Millisecond},
		{"just after", time.Millisecond, time.Millisecond},
		{"at the end of its time", 49 * time.Millisecond, 49 * time.Millisecond},
		{"too late", 50 * time.Millisecond, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got change
			if c.drawn < 0 {
				got.see(input.Add(c.drawn), 0)
				got.hurry(input)
			} else {
				got.hurry(input)
				got.see(input.Add(c.drawn), 0)
			}
			var want time.Time
			if c.quick != -1 {
				want = input.Add(c.quick)
			}
			if !got.quick.Equal(want) {
				t.Errorf("quick is %v, want %v", got.quick, want)
			}
		})
	}
}
