package streamer

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/quality"
	"github.com/playcast/playcast/streamer/transport"
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

// encodeWithin is for how long a frame counts for the encoder's times.
const encodeWithin = time.Second

// encodeP95 is the time that encoding one of the latest frames took at most,
// but for the slowest twentieth; 0: too few are known.
func (u *underway) encodeP95(now time.Time) time.Duration {
	const enough = 10
	var buffer [framesUnderway]time.Duration
	times := buffer[:0]
	u.mu.Lock()
	for _, frame := range u.frames {
		if now.Sub(frame.ended) <= encodeWithin {
			times = append(times, frame.ended.Sub(frame.started))
		}
	}
	u.mu.Unlock()
	if len(times) < enough {
		return 0
	}
	slices.Sort(times)
	return times[len(times)*95/100]
}

// figures are what is known of a viewer's picture: every frame and input in the
// trace, and all of them in windows. The windows are the slot's, the rest may
// be called by any.
type figures struct {
	session  events.SessionID
	trace    *Trace
	log      *slog.Logger
	underway *underway
	meter    *quality.Meter

	dropped uint64 // frames, as last counted
	refused refused
}

// sent counts a frame that has left.
func (f *figures) sent(sent transport.SentFrame) {
	frame, ok := f.underway.find(sent.Captured)
	if !ok {
		return
	}
	f.meter.AddFrame(quality.Frame{
		Captured: frame.captured, EncodeStart: frame.started, EncodeEnd: frame.ended, Sent: sent.Sent, Bytes: sent.Bytes,
	})
	f.trace.frame(f.session, tracedFrame{stamps: frame, sent: sent})
}

// begin opens a window anew, so that none tells of the time in which there was
// nothing to send.
func (f *figures) begin(stats transport.Stats, now time.Time) {
	f.gather(stats)
	f.meter.End(now)
}

// roll returns the window that has ended, if one has, and opens the next.
func (f *figures) roll(stats transport.Stats, now time.Time) (events.QualityReported, bool) {
	f.gather(stats)
	window, ok := f.meter.Roll(now)
	return qualityOf(f.session, window), ok
}

// shortWindow is the length from which a window tells something.
const shortWindow = 100 * time.Millisecond

// end closes the window, and returns it if it tells something.
func (f *figures) end(stats transport.Stats, now time.Time) (events.QualityReported, bool) {
	f.gather(stats)
	window, ok := f.meter.End(now)
	return qualityOf(f.session, window), ok && window.To.Sub(window.From) >= shortWindow
}

// gather takes the transport's counters into the window.
func (f *figures) gather(stats transport.Stats) {
	f.meter.AddNetwork(quality.NetworkTotals{
		Packets: stats.Sent.Packets, Lost: stats.Remote.Lost, Resent: stats.Sent.Resent,
		KeyFrames: stats.Sent.KeyFrames, RTT: stats.Remote.RTT, Jitter: stats.Remote.Jitter,
		QueueDelay: stats.QueueDelay, Estimate: stats.Estimate,
	})
	f.meter.AddDropped(int(stats.Sent.Dropped - f.dropped))
	f.dropped = stats.Sent.Dropped
	refused := f.refused.since(stats.Channels)
	refused.log(f.log)
	f.meter.AddRefused(refused.all())
}

// qualityOf turns a window into its event.
func qualityOf(session events.SessionID, w quality.Window) events.QualityReported {
	return events.QualityReported{
		Session: session, From: w.From.UTC().Truncate(time.Millisecond), To: w.To.UTC().Truncate(time.Millisecond),
		Quality: events.Quality{
			Stages: events.StageQuality{
				Wait: percentiles(w.Stages.Wait), Encode: percentiles(w.Stages.Encode),
				Send: percentiles(w.Stages.Send), Total: percentiles(w.Stages.Total),
			},
			Sent: events.SentQuality{
				FrameRate: w.Sent.FPS, Dropped: w.Sent.Dropped, KeyFrames: w.Sent.KeyFrames, BitRate: int(w.Sent.Bitrate),
			},
			Path: events.PathQuality{
				Lost: w.Network.Loss, Resent: w.Network.Resent, RoundTrip: w.Network.RTT, Jitter: w.Network.Jitter,
				QueueDelay: w.Network.QueueDelay, Estimate: int(w.Network.Estimate),
			},
			Client:  clientOf(w.Client),
			Refused: w.Refused,
		},
	}
}

// clientOf is nil for a client that said nothing in the window.
func clientOf(c quality.Client) *events.ClientQuality {
	if c.Reports == 0 {
		return nil
	}
	return &events.ClientQuality{
		Reports: c.Reports, FrameRate: c.FPS, Dropped: c.Dropped, Freezes: c.Freezes, FreezeTime: c.FreezeMS,
		Decode: c.DecodeMS, Buffer: c.BufferMS, InputToPresent: percentiles(c.InputToPresent),
	}
}

func percentiles(q quality.Quantiles) events.Percentiles {
	return events.Percentiles{P50: q.P50, P95: q.P95, P99: q.P99}
}
