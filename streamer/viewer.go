package streamer

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/quality"
	"github.com/playcast/playcast/streamer/transport"
)

// viewer is the player's peer.
type viewer struct {
	peer       *transport.Peer
	stage      *stage
	hand       *hand
	voice      voice
	figures    figures
	acks       acks
	adaptation *adaptation
	log        *slog.Logger
	notify     func(request) // gives up when the viewer is closed
	gone       chan struct{}
	up         atomic.Bool
	shown      bool // the picture; for the slot
}

var _ watcher = (*viewer)(nil)

// openViewer answers an offer. The viewer is not the slot's until it says so.
func (s *slot) openViewer(ctx context.Context, offer string) (*viewer, string, error) {
	v := &viewer{stage: s.stage, hand: s.stage.controls.open(host), log: s.log, gone: make(chan struct{}), figures: figures{
		session: s.allocated.Session, trace: s.parts.Trace, log: s.log,
		underway: &s.stage.picture.encoding.underway, meter: quality.NewMeter(time.Now()),
	}}
	v.voice = voice{sound: s.stage.sound, log: s.log}
	v.adaptation = newAdaptation(s.stage.picture.encoding, s.stage.source(), s.out.step)
	v.adaptation.trace = func(sample adapt.Sample, decided adapt.Decision) {
		s.parts.Trace.path(s.allocated.Session, tracedPath{sample: sample, decided: decided})
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
		Disconnected: func(cause string, silence time.Duration) { v.notify(lost{v, cause, silence}) },
		Input:        v.inject,
		Control:      v.control,
		Voice:        v.voice.push,
		KeyFrame:     func() { s.stage.picture.audience.keyFrame(time.Now()) },
		Estimate:     func(int) { v.adaptation.look() },
		Sent:         v.sent,
	}, s.stage.picture.encoding.codecs()...)
	if err != nil {
		return nil, "", errors.Join(err, v.hand.close())
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
	err := v.peer.Close()
	v.voice.close()
	return err
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
	v.up.Store(true)
	v.notify(arrived{viewer: v})
}

// inject plays one input message. A malformed one is counted.
func (v *viewer) inject(message []byte) {
	received := time.Now()
	played, err := v.hand.apply(message)
	if err != nil {
		if errors.Is(err, input.ErrMalformed) {
			v.figures.refused.input.Add(1)
		}
		v.log.Debug("an input message was not applied", "error", err)
		return
	}
	if played.Actions == 0 {
		return
	}
	v.stage.picture.encoding.source.Hurry()
	now := time.Now()
	v.acks.add(played, now)
	v.figures.trace.input(v.figures.session, tracedInput{sequence: played.Sequence, received: received, injected: now})
}

// begin shows the viewer the picture, in the shape that suits its path. What
// was shown to another one before may have been sent otherwise.
func (v *viewer) begin(now time.Time) {
	if v.shown {
		return
	}
	v.shown = true
	v.figures.begin(v.peer.Stats(), now)
	v.adaptation.start(v.peer, now)
	v.stage.picture.audience.join(v, now)
}

// end takes the picture from the viewer, and returns the last window of its
// figures if there is one.
func (v *viewer) end(now time.Time) (events.QualityReported, bool) {
	if !v.shown {
		return events.QualityReported{}, false
	}
	v.shown = false
	v.stage.picture.audience.leave(v)
	v.adaptation.stop()
	return v.figures.end(v.peer.Stats(), now)
}

// roll returns the window of figures that has ended, if one has.
func (v *viewer) roll(now time.Time) (events.QualityReported, bool) {
	if !v.shown {
		return events.QualityReported{}, false
	}
	return v.figures.roll(v.peer.Stats(), now)
}

// take sends a frame. A peer that has ended takes none.
func (v *viewer) take(unit encode.AccessUnit) {
	if err := v.peer.WriteFrame(sentAs(unit.Codec), unit.Data, unit.Captured); err != nil {
		v.log.Debug("a frame was not sent", "error", err)
	}
}

// hear sends sound, to a page that takes it.
func (v *viewer) hear(packet audio.Packet) {
	if err := v.peer.WriteAudio(packet.Data, packet.Captured); err != nil && !errors.Is(err, transport.ErrNoAudio) {
		v.log.Debug("sound was not sent", "error", err)
	}
}

// sent counts a frame that has left, and tells the page what it can show.
func (v *viewer) sent(frame transport.SentFrame) {
	v.figures.sent(frame)
	if text := v.acks.sent(frame.Captured, frame.RTP); text != "" {
		v.tell(text)
	}
}

// tell says something to the page, which may be gone or have no ear for it.
func (v *viewer) tell(text string) {
	if err := v.peer.Tell(text); err != nil {
		v.log.Debug("the page was not told", "error", err)
	}
}
