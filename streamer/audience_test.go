package streamer

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/encode"
)

// taker counts the frames it is shown, and remembers what it was last told.
type taker struct {
	frames int
	told   string
}

func (t *taker) take(encode.AccessUnit) { t.frames++ }
func (t *taker) hear(audio.Packet)      {}
func (t *taker) tell(text string)       { t.told = text }

func TestAudience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var forced atomic.Int32
		a := newAudience(func() { forced.Add(1) })
		awaits := func(want bool) {
			t.Helper()
			quit, got := make(chan struct{}), make(chan bool, 1)
			go func() { got <- a.await(quit) }()
			synctest.Wait()
			close(quit)
			if runs := <-got; runs != want {
				t.Errorf("the picture runs: %t, want %t", runs, want)
			}
		}
		shows := func(want int32) {
			t.Helper()
			if got := forced.Swap(0); got != want {
				t.Errorf("%d key frames were forced, want %d", got, want)
			}
		}
		var one, other taker
		hand := func(key bool, wantOne, wantOther int) {
			t.Helper()
			one.frames, other.frames = 0, 0
			a.hand(encode.AccessUnit{Key: key, Captured: time.Now()})
			if one.frames != wantOne || other.frames != wantOther {
				t.Errorf("the one has seen %d frames, the other %d, want %d and %d", one.frames, other.frames, wantOne, wantOther)
			}
		}
		awaits(false)
		a.keyFrame(time.Now()) // nobody sees it
		shows(0)
		a.join(&one, time.Now())
		awaits(true)
		shows(1)
		hand(false, 0, 0)
		hand(true, 1, 0)
		a.join(&one, time.Now()) // is there already
		shows(0)

		a.join(&other, time.Now())
		shows(0) // the first has just had one
		hand(false, 1, 0)
		time.Sleep(keyInterval)
		synctest.Wait()
		shows(1)
		hand(true, 1, 1)
		hand(false, 1, 1)

		a.leave(&one)
		a.leave(&one)
		awaits(true)
		hand(false, 0, 1)
		a.leave(&other)
		awaits(false)
		hand(true, 0, 0)
		a.join(&other, time.Now())
		shows(1) // however soon after the last
		hand(false, 0, 0)
		hand(true, 0, 1)
	})
}

// Who watches knows how the pointer looks, and who joins later too.
func TestAudienceIsToldOfTheCursor(t *testing.T) {
	a := newAudience(func() {})
	var early, late taker
	a.join(&early, time.Now())
	if early.told != "" {
		t.Errorf("told is %q before anything is known", early.told)
	}
	a.point("an arrow")
	a.join(&late, time.Now())
	if early.told != "an arrow" || late.told != "an arrow" {
		t.Errorf("told is %q and %q", early.told, late.told)
	}
	early.told = ""
	a.point("an arrow")
	a.leave(&late)
	a.point("a hand")
	if early.told != "a hand" || late.told != "an arrow" {
		t.Errorf("told is %q, and %q to who has left", early.told, late.told)
	}
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
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
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
		synctest.Wait()
		if forced != 1 {
			t.Errorf("%d key frames were forced, want the first only", forced)
		}
		k.ask(time.Now())
		k.ask(time.Now())
		k.stop()
		time.Sleep(2 * keyInterval)
		synctest.Wait()
		if forced != 2 {
			t.Errorf("%d key frames were forced, want one more", forced)
		}
	})
}
