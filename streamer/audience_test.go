package streamer

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/streamer/encode"
)

// taker counts the frames it is shown.
type taker int

func (t *taker) take(encode.AccessUnit) { *t++ }

func TestAudience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forced := 0
		a := newAudience(func() { forced++ })
		quit := make(chan struct{})
		awaits := func(want bool) {
			t.Helper()
			close(quit)
			if got := a.await(quit); got != want {
				t.Errorf("the picture runs: %t, want %t", got, want)
			}
			quit = make(chan struct{})
		}
		shows := func(want int) {
			t.Helper()
			if forced != want {
				t.Errorf("%d key frames were forced, want %d", forced, want)
			}
			forced = 0
		}
		var one, other taker
		awaits(false)
		a.keyFrame(time.Now()) // nobody sees it
		shows(0)
		a.join(&one, time.Now())
		awaits(true)
		shows(1)
		a.join(&one, time.Now()) // is there already
		shows(0)

		a.join(&other, time.Now())
		shows(0) // the first has just had one
		time.Sleep(keyInterval)
		synctest.Wait()
		shows(1)
		a.hand(encode.AccessUnit{})

		a.leave(&one)
		awaits(true)
		a.hand(encode.AccessUnit{})
		if one != 1 || other != 2 {
			t.Errorf("the one has seen %d frames, the other %d", one, other)
		}

		a.rest()
		awaits(false)
		a.hand(encode.AccessUnit{})
		a.join(&one, time.Now())
		awaits(false)
		shows(0)
		a.wake(time.Now())
		awaits(true)
		shows(1)
		a.wake(time.Now())
		shows(0)

		a.leave(&one)
		a.leave(&other)
		awaits(false)
		a.rest()
		a.wake(time.Now())
		awaits(false)
		shows(0)
		if other != 2 {
			t.Errorf("a frame was shown while the picture rested")
		}
	})
}

// However many ask how often, there is one a second, and the last who asks is
// served.
func TestKeyFrameStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var forced []time.Time
		k := keyFrames{force: func() { forced = append(forced, time.Now()) }}
		start := time.Now()
		for time.Since(start) < 10*time.Second {
			k.ask(time.Now())
			time.Sleep(7 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		if len(forced) != 11 {
			t.Errorf("%d key frames in 10 s, and then the last: want 11", len(forced))
		}
		for i, at := range forced[1:] {
			if gap := at.Sub(forced[i]); gap < keyInterval {
				t.Errorf("key frames within %v", gap)
			}
		}
	})
}

// A key frame that comes of itself serves who asked before it was captured.
func TestKeyFrameOfItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forced := 0
		k := keyFrames{force: func() { forced++ }}
		k.begin(time.Now())
		captured := time.Now()
		time.Sleep(100 * time.Millisecond)
		k.ask(time.Now())
		k.made(captured) // who asks has seen it, or lost it
		time.Sleep(100 * time.Millisecond)
		k.made(time.Now())
		time.Sleep(2 * keyInterval)
		if forced != 1 {
			t.Errorf("%d key frames were forced, want the first only", forced)
		}
		k.ask(time.Now())
		k.ask(time.Now())
		k.stop()
		time.Sleep(2 * keyInterval)
		if forced != 2 {
			t.Errorf("%d key frames were forced, want one more", forced)
		}
	})
}
