package streamer

import (
	"slices"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/encode"
)

// watcher is shown the picture and hears the sound. It gets the frames of each
// in their order, of the picture from a key frame on, and is told how the game's
// pointer looks. It may not wait: what it keeps of a frame it copies.
type watcher interface {
	take(encode.AccessUnit)
	hear(audio.Packet)
	tell(text string)
}

// audience is who is shown the picture, which rests while nobody is.
type audience struct {
	keys keyFrames

	mu     sync.Mutex
	seats  []seat
	woken  chan struct{} // closed while somebody watches
	cursor string        // what is told of the pointer; empty: nothing yet
}

type seat struct {
	watcher watcher
	begun   bool // the watcher has had a key frame
}

func newAudience(forceKeyFrame func()) *audience {
	return &audience{keys: keyFrames{force: forceKeyFrame}, woken: make(chan struct{})}
}

// join shows the picture to one more, from the next key frame on.
func (a *audience) join(w watcher, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seat(w) >= 0 {
		return
	}
	a.seats = append(a.seats, seat{watcher: w})
	if a.cursor != "" {
		w.tell(a.cursor)
	}
	if len(a.seats) > 1 {
		a.keys.ask(now)
		return
	}
	// The first does not wait, as nobody else is the worse for it. This comes
	// before the painter is woken, so that the picture that it reads then
	// becomes the key frame.
	a.keys.begin(now)
	close(a.woken)
}

// leave ends it for one: nothing is taken by the watcher after it.
func (a *audience) leave(w watcher) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.seat(w)
	if i < 0 {
		return
	}
	if a.seats = slices.Delete(a.seats, i, i+1); len(a.seats) == 0 {
		a.woken = make(chan struct{})
	}
}

func (a *audience) seat(w watcher) int {
	return slices.IndexFunc(a.seats, func(s seat) bool { return s.watcher == w })
}

// keyFrame asks for a key frame, for one who has lost the picture.
func (a *audience) keyFrame(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.seats) > 0 {
		a.keys.ask(now)
	}
}

// await returns when somebody watches, false when quit is closed.
func (a *audience) await(quit <-chan struct{}) bool {
	a.mu.Lock()
	woken := a.woken
	a.mu.Unlock()
	select {
	case <-quit:
		return false
	default:
	}
	select {
	case <-woken:
		return true
	case <-quit:
		return false
	}
}

// point tells how the game's pointer looks from now on.
func (a *audience) point(cursor string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if cursor == a.cursor {
		return
	}
	a.cursor = cursor
	for _, s := range a.seats {
		s.watcher.tell(cursor)
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
	for i := range a.seats {
		s := &a.seats[i]
		if s.begun = s.begun || unit.Key; s.begun {
			s.watcher.take(unit)
		}
	}
}

// hear gives sound to who is the audience now.
func (a *audience) hear(packet audio.Packet) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.seats {
		a.seats[i].watcher.hear(packet)
	}
}

// isShown says whether somebody is shown the picture now.
func (a *audience) isShown() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seats) > 0
}
