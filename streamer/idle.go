package streamer

import (
	"sync/atomic"
	"time"
)

// idleAfter is how long nobody may touch anything before that is reported. It is
// short beside what plans allow, which counts from the last touch, and long
// beside the thinking and watching that are play.
const idleAfter = time.Minute

// touches are when a session's people last touched their controls: keyboard,
// pointer or pads, by hand or by a text. Touching costs the peers one store; the
// slot looks once a second, and reports no more than that idleness has begun or
// is over.
type touches struct {
	after time.Duration
	began time.Time
	last  atomic.Int64 // since it began

	// The slot's: whether idleness is reported, and after which touch.
	idle bool
	told time.Duration
}

func newTouches(after time.Duration) *touches {
	if after == 0 {
		after = idleAfter
	}
	return &touches{after: after, began: time.Now()}
}

func (t *touches) touch(now time.Time) { t.last.Store(int64(now.Sub(t.began))) }

// look returns what there is to report, or nil.
func (t *touches) look(now time.Time) Report {
	last := time.Duration(t.last.Load())
	rested := now.Sub(t.began) - last
	switch {
	case t.idle && last != t.told:
		t.idle = false
		return Roused{}
	case !t.idle && rested >= t.after:
		t.idle, t.told = true, last
		return Idled{For: rested}
	}
	return nil
}

// lookIdle reports that nobody plays, or plays again, while there is somebody
// who could: not while the session is paused, or its host is gone.
func (s *slot) lookIdle(now time.Time) {
	if s.paused || s.seats.host == nil || !s.seats.host.connected() {
		return
	}
	if report := s.stage.controls.touches.look(now); report != nil {
		s.out.put(report)
	}
}
