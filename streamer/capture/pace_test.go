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
	if took := now.Sub(start); took < (n-2)*p.period {
		t.Errorf("%d pictures in %v", n, took)
	}
}

func TestPaceLetsJitterPass(t *testing.T) {
	p := newPace(60)
	start := time.Unix(0, 0)
	for i := range 600 { // alternately early and on time
		at := start.Add(time.Duration(i)*time.Second/60 - time.Duration(i%2)*3*time.Millisecond)
		if late := p.earliest().Sub(at); late > 0 {
			t.Fatalf("picture %d is held back by %v", i, late)
		}
		p.taken(at)
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
		if late := p.earliest().Sub(at); late > 0 {
			t.Fatalf("picture %d is held back by %v", i, late)
		}
		p.taken(at)
	}
}

func TestPaceAfterRest(t *testing.T) {
	p := newPace(30)
	start := time.Unix(0, 0)
	p.taken(start)
	after := start.Add(time.Minute)
	if p.earliest().After(after) {
		t.Fatal("held back after a minute of rest")
	}
	p.taken(after)
	if gap := p.earliest().Sub(after); gap != time.Second/30/2 {
		t.Errorf("the next may follow after %v, want half a period", gap)
	}
	p.taken(p.earliest())
	if gap := p.earliest().Sub(after); gap < time.Second/30 {
		t.Errorf("rest was saved up: a third may follow after %v", gap)
	}
}
