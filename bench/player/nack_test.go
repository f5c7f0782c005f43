package player

import (
	"slices"
	"testing"
	"time"
)

func TestMissingPacketsAreAskedForOnceEachRoundTrip(t *testing.T) {
	var r requester
	start := time.Unix(1, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	ask := func(ms int, want ...uint16) {
		t.Helper()
		if got := r.due(at(ms)); !slices.Equal(got, want) {
			t.Errorf("after %d ms it asks for %v, want %v", ms, got, want)
		}
	}
	r.got(65534, at(0))
	ask(0)
	r.got(2, at(1))
	ask(1, 65535, 0, 1)
	r.got(3, at(2))
	ask(2)
	r.got(0, at(41)) // 40 ms later: the trip is 92.5 ms now
	ask(100)
	ask(117, 65535, 1)
	r.passed(1)
	ask(300, 1)
	r.got(1, at(310))
	ask(1000)
	for n := range 20 {
		r.got(uint16(4+2*n), at(1000))
		r.got(uint16(5+2*n), at(1000))
	}
	ask(1000)
}

func TestNobodyIsAskedForEver(t *testing.T) {
	var r requester
	now := time.Unix(1, 0)
	r.got(1, now)
	r.got(3, now)
	asked := 0
	for range 100 {
		asked += len(r.due(now))
		now = now.Add(time.Second)
	}
	if asked != maxRequests {
		t.Errorf("a packet is asked for %d times, want %d", asked, maxRequests)
	}
}

func TestALeapIsNoLoss(t *testing.T) {
	var r requester
	now := time.Unix(1, 0)
	r.got(1, now)
	r.got(30000, now)
	if got := r.due(now); len(got) > 0 {
		t.Errorf("it asks for %d packets", len(got))
	}
}
