package streamer

import (
	"slices"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/encode"
)

// watcher is shown the picture. It gets the frames in their order, and may not
// wait: what it keeps of a frame it copies.
type watcher interface {
	take(encode.AccessUnit)
}

// audience is who is shown the picture. The picture rests while nobody
// watches, and while the audience is told to.
type audience struct {
	keys keyFrames

	mu       sync.Mutex
	watchers []watcher
	resting  bool
	woken    chan struct{} // closed while somebody is shown the picture
}

func newAudience(forceKeyFrame func()) *audience {
	return &audience{keys: keyFrames{force: forceKeyFrame}, woken: make(chan struct{})}
}

// join shows the picture to one more, who can begin at the next key frame.
func (a *audience) join(w watcher, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.watchers, w) {
		return
	}
	first := !a.shown()
	a.watchers = append(a.watchers, w)
	switch {
	case !a.shown():
	case first:
		a.begin(now)
	default:
		a.keys.ask(now)
	}
}

// leave ends it for one: nothing is taken by the watcher after it.
func (a *audience) leave(w watcher) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.shown()
	a.watchers = slices.DeleteFunc(a.watchers, func(other watcher) bool { return other == w })
	a.restIf(before)
}

// rest stops the picture: nothing is taken by anybody until wake.
func (a *audience) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.shown()
	a.resting = true
	a.restIf(before)
}

// wake goes on, beginning with a key frame.
func (a *audience) wake(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.resting {
		return
	}
	a.resting = false
	if a.shown() {
		a.begin(now)
	}
}

// keyFrame asks for a key frame, for one who has lost the picture.
func (a *audience) keyFrame(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shown() {
		a.keys.ask(now)
	}
}

func (a *audience) shown() bool { return !a.resting && len(a.watchers) > 0 }

// begin comes before the painter can see that it is woken, so that the first
// picture that it reads becomes a key frame.
func (a *audience) begin(now time.Time) {
	a.keys.begin(now)
	close(a.woken)
}

func (a *audience) restIf(before bool) {
	if before && !a.shown() {
		a.woken = make(chan struct{})
	}
}

// await returns when somebody is shown the picture, false when quit is closed.
func (a *audience) await(quit <-chan struct{}) bool {
	a.mu.Lock()
	woken := a.woken
	a.mu.Unlock()
	select {
	case <-woken:
		return true
	default:
	}
	select {
	case <-woken:
		return true
	case <-quit:
		return false
	}
}

// hand gives a frame to who is the audience now. That may be others than when
// the frame was begun, whose key frame this one may be; and if there are none,
// the next one begins with a key frame, so that this one is not missed.
func (a *audience) hand(unit encode.AccessUnit) {
	if unit.Key {
		a.keys.made(unit.Captured)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.resting {
		return
	}
	for _, w := range a.watchers {
		w.take(unit)
	}
}
