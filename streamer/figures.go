package streamer

import (
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/quality"
	"github.com/playcast/playcast/streamer/transport"
)

// framesUnderway is how many frames are remembered between their encoding and
// their leaving, for the figures: more than the transport's queue holds. An
// older one that leaves after all is not counted.
const framesUnderway = 64

// underway remembers when the latest frames were encoded. It is safe for
// concurrent use.
type underway struct {
	mu     sync.Mutex
	frames [framesUnderway]encoded // a ring, written at next
	next   int
}

type encoded struct {
	captured, started, ended time.Time
}

// add takes a frame that has been encoded by now.
func (u *underway) add(unit encode.AccessUnit, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.frames[u.next] = encoded{captured: unit.Captured, started: now.Add(-unit.EncodeTime), ended: now}
	u.next = (u.next + 1) % framesUnderway
}

// sent returns the way of a frame that has left; false if it is forgotten.
func (u *underway) sent(f transport.SentFrame) (quality.Frame, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, e := range u.frames {
		if e.captured.Equal(f.Captured) {
			return quality.Frame{
				Captured: e.captured, EncodeStart: e.started, EncodeEnd: e.ended, Sent: f.Sent, Bytes: f.Bytes,
			}, true
		}
	}
	return quality.Frame{}, false
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
