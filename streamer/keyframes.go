package streamer

import (
	"sync"
	"time"
)

// keyInterval is the least time between two key frames that are asked for,
// however many ask: one takes as much of a path as many other frames, and what
// it takes from one viewer all the others lose too.
const keyInterval = time.Second

// keyFrames bounds how often key frames are forced. Whoever asks too early is
// remembered, and served when the interval has passed, unless a key frame came
// of itself meanwhile. It is safe for concurrent use.
type keyFrames struct {
	force func() // makes the next picture a key frame, and does not wait

	mu    sync.Mutex
	last  time.Time   // when one was forced, or made of itself
	asked time.Time   // by who waits for the timer
	timer *time.Timer // nil: nobody waits
}

// begin forces a key frame where a picture begins, which nobody sees yet.
func (k *keyFrames) begin(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget()
	k.last = now
	k.force()
}

// ask forces a key frame, now or as soon as it may be.
func (k *keyFrames) ask(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer != nil {
		return
	}
	if wait := keyInterval - now.Sub(k.last); !k.last.IsZero() && wait > 0 {
		k.asked, k.timer = now, time.AfterFunc(wait, func() { k.serve(now) })
		return
	}
	k.last = now
	k.force()
}

func (k *keyFrames) serve(asked time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer == nil || k.asked != asked { // it was stopped too late
		return
	}
	k.timer, k.last = nil, time.Now()
	k.force()
}

// made tells of a key frame of a picture that was captured then.
func (k *keyFrames) made(captured time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if captured.After(k.last) {
		k.last = captured
	}
	if k.timer != nil && captured.After(k.asked) {
		k.forget()
	}
}

// stop forgets who waits.
func (k *keyFrames) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget()
}

func (k *keyFrames) forget() {
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
}
