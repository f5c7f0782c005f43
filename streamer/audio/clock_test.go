package audio

import (
	"testing"
	"time"
)

func TestClockCountsSamples(t *testing.T) {
	var c sampleClock
	start := time.Unix(1000, 0)
	jitter := []time.Duration{0, 7, -9, 12, 0, -3}
	for i := range 600 {
		arrived := start.Add(time.Duration(i+1)*FrameDuration + jitter[i%len(jitter)]*time.Millisecond)
		want := start.Add(time.Duration(i) * FrameDuration)
		if got := c.next(arrived); !got.Equal(want) {
			t.Fatalf("frame %d is of %v, want %v", i, got.Sub(start), want.Sub(start))
		}
	}
	if c.jumps != 0 {
		t.Errorf("%d jumps, want none", c.jumps)
	}
}

func TestClockBeginsAnewAfterAGap(t *testing.T) {
	var c sampleClock
	start := time.Unix(1000, 0)
	c.next(start)
	late := start.Add(FrameDuration + maxDrift + time.Millisecond)
	if got := c.next(late); !got.Equal(late.Add(-FrameDuration)) || c.jumps != 1 {
		t.Errorf("after a gap: %v, %d jumps", got.Sub(start), c.jumps)
	}
	if got := c.next(late.Add(FrameDuration)); !got.Equal(late) {
		t.Errorf("it does not count on from there: %v", got.Sub(late))
	}
	c.reset()
	later := late.Add(time.Hour)
	if got := c.next(later); !got.Equal(later.Add(-FrameDuration)) || c.jumps != 1 {
		t.Errorf("after a rest: %v, %d jumps", got.Sub(later), c.jumps)
	}
}

// A daemon whose clock is a little fast or slow is followed in steps.
func TestClockFollowsDrift(t *testing.T) {
	var c sampleClock
	start := time.Unix(1000, 0)
	const slow = 10_001 * time.Microsecond // 100 ppm
	var arrived, told time.Time
	for i := range 60_000 { // ten minutes
		arrived = start.Add(time.Duration(i+1) * slow)
		told = c.next(arrived)
	}
	if off := arrived.Sub(told) - FrameDuration; off > maxDrift || off < -maxDrift {
		t.Errorf("off by %v after ten minutes", off)
	}
	if c.jumps != 1 {
		t.Errorf("%d jumps, want 1 for 60 ms", c.jumps)
	}
}
