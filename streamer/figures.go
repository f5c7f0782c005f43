package streamer

import (
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/quality"
)

// stamps tell when a frame passed which point on its way through the stage.
type stamps struct {
	captured, converted, started, ended time.Time // started and ended: its encoding
}

// framesUnderway is how many frames are remembered between their encoding and
// their leaving: more than the transport's queue holds. An older one that
// leaves after all is not counted.
const framesUnderway = 64

// underway remembers the stamps of the latest frames. It is safe for
// concurrent use.
type underway struct {
	mu     sync.Mutex
	frames [framesUnderway]stamps // a ring, written at next
	next   int
}

func (u *underway) add(frame stamps) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.frames[u.next] = frame
	u.next = (u.next + 1) % framesUnderway
}

// find returns the stamps of the frame that was captured then; false if they
// are forgotten.
func (u *underway) find(captured time.Time) (stamps, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, frame := range u.frames {
		if frame.captured.Equal(captured) {
			return frame, true
		}
	}
	return stamps{}, false
}

// qualityOf turns a window into its event.
func qualityOf(session events.SessionID, w quality.Window) events.QualityReported {
	return events.QualityReported{
		Session: session, From: w.From.UTC().Truncate(time.Millisecond), To: w.To.UTC().Truncate(time.Millisecond),
		Quality: events.Quality{
			FramesSent: w.Sent.FPS, FramesSeen: w.Client.FPS, FramesDropped: w.Sent.Dropped,
			Freezes: w.Client.Freezes, BitRate: int(w.Sent.Bitrate), Lost: w.Network.Loss, RoundTrip: w.Network.RTT,
			Encode: percentiles(w.Stages.Encode), Send: percentiles(w.Stages.Send),
		},
	}
}

func percentiles(q quality.Quantiles) events.Percentiles {
	return events.Percentiles{P50: q.P50, P95: q.P95, P99: q.P99}
}
