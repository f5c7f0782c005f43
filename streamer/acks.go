package streamer

import (
	"fmt"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/input"
)

// The least times between two acknowledgements. Motion comes by the hundred a
// second; it is left room for what is pressed.
const (
	ackInterval       = 50 * time.Millisecond
	ackMotionInterval = 200 * time.Millisecond
)

// acks tell a page which frame is the first that can show an input: the first
// one that was captured after the input had been played. Not every input is
// acknowledged; a press comes before motion. It is safe for concurrent use.
type acks struct {
	mu       sync.Mutex
	sequence uint32
	played   time.Time // zero: none is to be acknowledged
	pressed  bool
	last     time.Time // when the last one to be acknowledged was played
}

// add takes an input that has been played by now.
func (a *acks) add(played input.Played, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	interval := ackMotionInterval
	if played.Pressed {
		interval = ackInterval
	}
	switch {
	case !a.played.IsZero() && (a.pressed || !played.Pressed):
		return // the one before is still to be shown
	case a.played.IsZero() && now.Sub(a.last) < interval:
		return
	}
	a.sequence, a.pressed, a.played, a.last = played.Sequence, played.Pressed, now, now
}

// sent returns the text to tell about a frame that was captured then and has
// an RTP time; empty: there is nothing to tell.
func (a *acks) sent(captured time.Time, rtp uint32) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.played.IsZero() || captured.Before(a.played) {
		return ""
	}
	a.played = time.Time{}
	return fmt.Sprintf(`{"type":"injected","seq":%d,"rtp":%d}`, a.sequence, rtp)
}
