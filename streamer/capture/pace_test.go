package capture

import (
	"testing"
	"time"
)

func TestPaceNeverPassesTheRate(t *testing.T) {
	p := newPace(60)
	start := time.Unix(0, 0)
	now := start
	const n = 600
	for range n { // a game that always has something new
		if e := p.earliest(); e.After(now) {
			now = e
		}
		p.taken(now)
	}
	if took := now.Sub(start); took < (n-2)*time.Second/60 {
		t.Errorf("%d pictures in %v", n, took)
	}
}

func TestPaceLetsJitterPass(t *testing.T) {
	p := newPace(60)
	start := time.Unix(0, 0)
	for i := range 600 { // alternately 3 ms early and on time
		at := start.Add(time.Duration(i)*time.Second/60 - time.Duration(i%2)*3*time.Millisecond)
		if late := p.earliest().Sub(at); late > 0 {
			t.Fatalf("picture %d is held back by %v", i, late)
		}
		p.taken(at)
	}
}

func TestPaceTakesTheFirstAfterRestAtOnce(t *testing.T) {
	p := newPace(30)
	start := time.Unix(0, 0)
	p.taken(start)
	after := start.Add(time.Minute)
	if !p.earliest().Before(after) {
		t.Fatal("held back after a minute of rest")
	}
	p.taken(after)
	if gap := p.earliest().Sub(after); gap < time.Second/30*3/4-time.Millisecond {
		t.Errorf("rest was saved up: the next may follow after %v", gap)
	}
}
