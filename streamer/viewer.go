package streamer

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/quality"
	"github.com/playcast/playcast/streamer/transport"
)

// framesUnderway is how many frames are remembered between their encoding and
// their leaving, for the figures. More than the transport's queue holds.
const framesUnderway = 64

// headroom is the part of what the path carries that the picture takes.
const headroom = 0.85

// viewer is the player's peer, with what is known of its picture.
type viewer struct {
	peer    *transport.Peer
	meter   *quality.Meter
	encoder *encode.Encoder
	input   *input.Injector
	ceiling int // bit/s
	log     *slog.Logger
	notify  func(request) // gives up when the viewer is closed
	gone    chan struct{}
	up      atomic.Bool

	mu       sync.Mutex
	underway [framesUnderway]underway // a ring, written at next
	next     int
	rate     int // bit/s, as last set
}

// underway is a frame between its encoding and its leaving.
type underway struct {
	captured, started, ended time.Time
}

// openViewer answers an offer. The viewer is not the slot's until it says so.
func (s *slot) openViewer(ctx context.Context, offer string) (*viewer, string, error) {
	v := &viewer{
		meter: quality.NewMeter(time.Now()), encoder: s.stage.encoder, input: s.stage.input,
		ceiling: bitRate(s.stage.entry), log: s.log, gone: make(chan struct{}),
	}
	v.notify = func(r request) {
		select {
		case s.requests <- r:
		case <-s.done:
		case <-v.gone:
		}
	}
	peer, answer, err := s.parts.Media.Offer(ctx, offer, transport.Handlers{
		Connected:    v.arrive,
		Disconnected: func(cause string) { v.notify(lost{viewer: v, cause: cause}) },
		Input:        v.inject,
		Control:      v.report,
		KeyFrame:     s.stage.encoder.ForceKeyFrame,
		Estimate:     v.adapt,
		Sent:         v.sent,
	})
	if err != nil {
		return nil, "", err
	}
	v.peer = peer
	return v, answer, nil
}

func (v *viewer) name() string    { return v.peer.ID().String() }
func (v *viewer) connected() bool { return v.up.Load() }

// close ends the peer. Its handlers, which may be waiting for the slot, give
// up first.
func (v *viewer) close() error {
	close(v.gone)
	return v.peer.Close()
}

// farewell is how long a peer has to hear that another one took over.
const farewell = 200 * time.Millisecond

// replaced tells the page that it lost the session to another one, so that it
// does not connect again. A page that can't be told is gone anyway.
func (v *viewer) replaced() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := v.peer.SendControl(ctx, `{"type":"replaced"}`); err != nil {
		v.log.Debug("the peer before was not told", "error", err)
	}
}

func (v *viewer) arrive() {
	if err := v.input.Begin(); err != nil {
		v.log.Warn("input could not begin", "error", err)
	}
	v.up.Store(true)
	v.notify(arrived{viewer: v})
}

// inject plays one input message. A malformed one is counted by the injector.
func (v *viewer) inject(message []byte) {
	if err := v.input.Apply(message); err != nil {
		v.log.Debug("an input message was not applied", "error", err)
	}
}

// clientReport is what the page says of itself on the control channel.
type clientReport struct {
	Type   string               `json:"type"`
	Totals quality.ClientTotals `json:"totals"`
}

// report takes a message of the control channel.
func (v *viewer) report(message []byte) {
	var r clientReport
	if err := json.Unmarshal(message, &r); err != nil || r.Type != "report" || !v.meter.AddClient(r.Totals) {
		v.log.Debug("a control message was refused", "bytes", len(message), "error", err)
	}
}

// adapt follows what the path carries; small changes are left alone, since
// each costs the encoder's rate control its memory.
func (v *viewer) adapt(estimate int) {
	rate := min(int(float64(estimate)*headroom), v.ceiling)
	rate = max(rate, encode.MinBitRate)
	v.mu.Lock()
	change := rate - v.rate
	if v.rate != 0 && change*20 < v.rate && -change*20 < v.rate {
		v.mu.Unlock()
		return
	}
	v.rate = rate
	v.mu.Unlock()
	if err := v.encoder.SetBitRate(rate); err != nil {
		v.log.Warn("the bit rate could not be changed", "bps", rate, "error", err)
	}
}

// take sends a frame. A peer that has ended takes none.
func (v *viewer) take(unit encode.AccessUnit, now time.Time) {
	v.mu.Lock()
	v.underway[v.next] = underway{captured: unit.Captured, started: now.Add(-unit.EncodeTime), ended: now}
	v.next = (v.next + 1) % framesUnderway
	v.mu.Unlock()
	if err := v.peer.WriteFrame(unit.Data, unit.Captured); err != nil {
		v.log.Debug("a frame was not sent", "error", err)
	}
}

// sent counts a frame that has left.
func (v *viewer) sent(f transport.SentFrame) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, u := range v.underway {
		if u.captured.Equal(f.Captured) {
			v.meter.AddFrame(quality.Frame{
				Captured: u.captured, EncodeStart: u.started, EncodeEnd: u.ended, Sent: f.Sent, Bytes: f.Bytes,
			})
			return
		}
	}
}

// roll returns the figures of the window that has ended, if one has.
func (v *viewer) roll(now time.Time) (quality.Window, bool) {
	stats := v.peer.Stats()
	v.meter.AddNetwork(quality.NetworkTotals{
		Packets: stats.Sent.Packets, Lost: stats.Remote.Lost, Resent: stats.Sent.Resent,
		RTT: stats.Remote.RTT, Jitter: stats.Remote.Jitter, Estimate: stats.Estimate,
	})
	return v.meter.Roll(now)
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
