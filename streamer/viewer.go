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

// viewer is the peer of somebody's seat.
type viewer struct {
	view       view
	peer       *transport.Peer
	stage      *stage
	hand       *hand // nil: a spectator's, who plays nothing
	voice      voice
	figures    figures
	acks       acks
	adaptation *adaptation // nil but for the host, whose path the players' picture follows
	log        *slog.Logger
	notify     func(request) // gives up when the viewer is closed
	gone       chan struct{}
	up         atomic.Bool
}

// view is what a viewer sees, and as whom. But for the picture and thin it is
// the slot's.
type view struct {
	seat    events.Seat
	picture atomic.Pointer[picture]
	thin    atomic.Pointer[atomic.Bool] // in a gallery: key frames alone are sent
	shown   bool                        // the picture
	fit     fit                         // of a guest
}

var _ member = (*viewer)(nil)

// openViewer answers an offer. The viewer is not the slot's until it says so.
func (s *slot) openViewer(r connect) (*viewer, string, error) {
	shown, err := s.pictureFor(r.ctx, r.seat)
	if err != nil {
		return nil, "", err
	}
	v := &viewer{stage: s.stage, log: s.log, gone: make(chan struct{}), figures: figures{
		session: s.allocated.Session, log: s.log, underway: &shown.encoding.underway, meter: quality.NewMeter(time.Now()),
	}}
	v.view.seat = r.seat
	v.view.picture.Store(shown)
	if r.seat.Role != events.SeatOfSpectator {
		granted, _ := s.seats.people.may(r.seat)
		v.hand = s.stage.controls.open(granted, v.tell)
	}
	if r.seat.Role == events.SeatOfHost {
		s.follow(v)
	}
	v.notify = func(r request) {
		select {
		case s.requests <- r:
		case <-s.done:
		case <-v.gone:
		}
	}
	peer, answer, err := s.parts.Media.Offer(r.ctx, r.offer, transport.Handlers{
		Connected:    v.arrive,
		Disconnected: func(cause string, silence time.Duration) { v.notify(lost{v, cause, silence}) },
		Input:        v.inject,
		Control:      v.control,
		Voice:        v.voice.push,
		KeyFrame:     func() { v.view.picture.Load().audience.keyFrame(time.Now()) },
		Estimate:     func(int) { v.adaptation.look() },
		Sent:         v.sent,
	}, shown.encoding.codecs()...)
	if err == nil && !s.suits(r.seat, peer) {
		err = errors.Join(transport.ErrNoCodec, peer.Close())
	}
	if err != nil {
		s.tidy()
		return nil, "", errors.Join(err, v.release())
	}
	v.peer = peer
	if v.hand != nil {
		v.hand.listen(peer.SendControl)
	}
	return v, answer, nil
}

// follow has the players' picture follow the host's path, and the host's figures
// and voice be those of the session.
func (s *slot) follow(v *viewer) {
	v.figures.trace = s.parts.Trace
	v.voice = voice{sound: s.stage.sound, log: s.log}
	v.adaptation = newAdaptation(s.stage.picture.encoding, s.stage.source(), s.out.step)
	v.adaptation.trace = func(sample adapt.Sample, decided adapt.Decision) {
		s.parts.Trace.path(s.allocated.Session, tracedPath{sample: sample, decided: decided})
	}
}

// pictureFor is what is shown from a seat at first.
func (s *slot) pictureFor(ctx context.Context, seat events.Seat) (*picture, error) {
	if seat.Role != events.SeatOfSpectator {
		return s.stage.picture, nil
	}
	g, err := s.gallery(ctx)
	if err != nil {
		return nil, err
	}
	return g.picture, nil
}

// suits says whether a guest takes what the players' picture can be made in for
// all players: nobody but the host decides on that.
func (s *slot) suits(seat events.Seat, peer *transport.Peer) bool {
	if seat.Role != events.SeatOfGuest {
		return true
	}
	takes := [][]transport.Codec{peer.Codecs()}
	for _, v := range s.seats.all() {
		if v.view.picture.Load() == s.stage.picture {
			takes = append(takes, v.peer.Codecs())
		}
	}
	return s.stage.picture.encoding.canSuit(takes...)
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

// farewellTime is how long a peer has to hear why it is closed.
const farewellTime = 200 * time.Millisecond

// farewell tells the page why it is closed, so that it does not connect again.
// A page that can't be told is gone anyway.
func (v *viewer) farewell(text string) {
	ctx, cancel := context.WithTimeout(context.Background(), farewellTime)
	defer cancel()
	if err := v.peer.SendControl(ctx, text); err != nil {
		v.log.Debug("the peer before was not told", "error", err)
	}
}

// allow changes what the viewer may play, and tells the page.
func (v *viewer) allow(g grant) error {
	if v.connected() {
		v.tell(seatText(v.view.seat.Role, g))
	}
	if v.hand == nil {
		return nil
	}
	return v.hand.allow(g)
}

// release lets go of all that the viewer held.
func (v *viewer) release() error {
	if v.hand == nil {
		return nil
	}
	return v.hand.close()
}

// Stats and Probe are the peer's: a viewer is a path too.
func (v *viewer) Stats() transport.Stats { return v.peer.Stats() }
func (v *viewer) Probe(bps int)          { v.peer.Probe(bps) }

func (v *viewer) arrive() {
	v.up.Store(true)
	v.notify(arrived{viewer: v})
}

// inject plays one input message. A malformed one is counted.
func (v *viewer) inject(message []byte) {
	received := time.Now()
	if v.hand == nil {
		v.figures.refused.input.Add(1)
		return
	}
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
	if played.Pressed {
		v.stage.vigil.press(now)
	}
	v.acks.add(played, now)
	v.figures.trace.input(v.figures.session, tracedInput{sequence: played.Sequence, received: received, injected: now})
}

// begin shows the viewer its picture. The players' is put in the shape that suits
// the host's path: what was shown to another one before may have been sent
// otherwise.
func (v *viewer) begin(now time.Time) {
	if v.view.shown {
		return
	}
	v.view.shown = true
	shown := v.view.picture.Load()
	v.figures.begin(v.peer.Stats(), now)
	if v.adaptation != nil {
		v.adaptation.start(v.peer, now)
	}
	if g := v.stage.gallery; g != nil && g.picture == shown {
		v.view.thin.Store(g.crowd.enter(v))
	}
	shown.audience.join(v, now)
	v.stage.ears.join(v, now)
}

// end takes the picture from the viewer, and returns the last window of its
// figures if there is one.
func (v *viewer) end(now time.Time) (events.QualityReported, bool) {
	if !v.view.shown {
		return events.QualityReported{}, false
	}
	v.view.shown = false
	shown := v.view.picture.Load()
	v.stage.ears.leave(v)
	if g := v.stage.gallery; g != nil && g.picture == shown {
		g.crowd.leave(v)
		v.view.thin.Store(nil)
	}
	shown.audience.leave(v)
	if v.adaptation != nil {
		v.adaptation.stop()
	}
	return v.figures.end(v.peer.Stats(), now)
}

// roll returns the window of figures that has ended, if one has.
func (v *viewer) roll(now time.Time) (events.QualityReported, bool) {
	if !v.view.shown {
		return events.QualityReported{}, false
	}
	return v.figures.roll(v.peer.Stats(), now)
}

// take sends a frame. A peer that has ended takes none.
func (v *viewer) take(unit encode.AccessUnit) {
	if thin := v.view.thin.Load(); thin != nil && thin.Load() && !unit.Key {
		return
	}
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
	if v.peer == nil {
		return // it has not connected
	}
	if err := v.peer.Tell(text); err != nil {
		v.log.Debug("the page was not told", "error", err)
	}
}
