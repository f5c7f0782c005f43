package transport

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/pion/sctp"
	"github.com/pion/webrtc/v4"
)

// Peer is one viewer's connection. Its methods may be called from any
// goroutine.
type Peer struct {
	id     uuid.UUID
	server *Server
	pc     *webrtc.PeerConnection
	outgoing
	events *events
	rtcp   feedback
	teller *teller

	connected atomic.Bool
	quit      chan struct{} // closed when the peer is to end
	cancel    func()        // closes it, once
	life      lifetime
}

// outgoing is what a peer sends by.
type outgoing struct {
	track *videoTrack
	audio *audioTrack // nil: the client takes no sound
	out   *sender
	bwe   *estimator
	guard *guard
}

// lifetime is the end of a peer: who is waited for, and what came of it.
type lifetime struct {
	wg   sync.WaitGroup // sender, teller, RTCP reader, and who reads the voice
	done chan struct{}  // closed when everything is freed
	err  error          // read after done

	tracks sync.Mutex // over speaks, and over who joins wg late
	speaks bool       // a track of the client is read, or none will be any more

	candidates sync.Mutex // over the fields below
	ice, ufrag string     // the present ICE session, by the server's ufrag and by the client's
	count      int        // candidates taken in it
}

func newPeer(s *Server, want offered, h Handlers) (*Peer, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a peer id: %w", err)
	}
	bwe, err := newEstimator(s.cfg)
	if err != nil {
		return nil, err
	}
	for _, f := range want.video {
		bwe.resendAs[f.payload] = uint8(f.rtx)
	}
	in := newInlet()
	pc, err := s.newConnection(want, bwe, in)
	if err != nil {
		return nil, errors.Join(err, bwe.Close())
	}
	track := newVideoTrack(want.codecs(), s.cfg.PlayoutDelay)
	p := &Peer{
		id:     id,
		server: s,
		pc:     pc,
		outgoing: outgoing{
			track: track,
			out:   newSender(track, bwe.rate),
			bwe:   bwe,
			guard: newGuard(want.fec != 0, &track.fec),
		},
		events: newEvents(h),
		rtcp:   feedback{in: in, sent: &bwe.sent.packets},
		teller: newTeller(),
		quit:   make(chan struct{}),
		life:   lifetime{done: make(chan struct{})},
	}
	if want.audio != 0 {
		p.audio = newAudioTrack(want.audio)
	}
	p.cancel = sync.OnceFunc(func() { close(p.quit) })
	in.overrun = func() { p.events.ended("the client speaks of streams that there are not", 0) }
	p.out.report, p.out.onDrop = h.Sent, p.events.keyFrame
	bwe.teller.tellTo = p.estimated
	p.out.fill, p.out.wake = bwe.fill, bwe.wake
	p.out.burst = burst{begin: s.conn.begin, end: s.conn.end}
	pc.OnConnectionStateChange(p.stateChanged)
	pc.OnDataChannel(p.channelOpened)
	pc.OnTrack(p.trackOpened)
	return p, nil
}

// answer negotiates; the peer sends nothing before start.
func (p *Peer) answer(ctx context.Context, offerSDP string) (string, error) {
	offer := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offerSDP}
	if err := p.pc.SetRemoteDescription(offer); err != nil {
		return "", fmt.Errorf("%w: %w", ErrOfferRefused, err)
	}
	rtp, err := p.addTracks()
	if err != nil {
		return "", err
	}
	answer, err := p.negotiate(ctx)
	if err != nil {
		return "", err
	}
	p.life.ice, p.life.ufrag = firstUfrag(answer), firstUfrag(offerSDP)
	p.rtcp.ssrc = uint32(rtp.GetParameters().Encodings[0].SSRC)
	p.life.wg.Go(func() { p.rtcp.read(rtp, p.events.keyFrame) })
	return answer, nil
}

// addTracks puts each track on the first section that takes its kind, turns
// down the other sections, and returns the video's sender.
func (p *Peer) addTracks() (*webrtc.RTPSender, error) {
	video, err := p.pc.AddTrack(p.track)
	if err != nil {
		return nil, fmt.Errorf("add the video track: %w", err)
	}
	if p.audio != nil {
		if _, err := p.pc.AddTrack(p.audio); err != nil {
			return nil, fmt.Errorf("add the audio track: %w", err)
		}
	}
	for _, section := range p.pc.GetTransceivers() {
		switch {
		case section.Sender() == nil:
			err = section.Stop()
		case section.Kind() == webrtc.RTPCodecTypeAudio:
			// The library would repeat the client's parameters.
			err = section.SetCodecPreferences([]webrtc.RTPCodecParameters{p.audio.codec})
		}
		if err != nil {
			return nil, fmt.Errorf("answer the section %s: %w", section.Mid(), err)
		}
	}
	return video, nil
}

// negotiate makes our answer to the remote description and waits for the
// server's own candidates, which are there at once: nobody is asked for them.
func (p *Peer) negotiate(ctx context.Context) (string, error) {
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrOfferRefused, err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("%w: %w", ErrOfferRefused, err)
	}
	select {
	case <-gathered:
		return p.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
}

// start begins the peer's life; it ends in finish.
func (p *Peer) start() {
	p.life.wg.Go(func() { p.out.run(p.quit) })
	p.life.wg.Go(func() { p.teller.run(p.quit) })
	go func() {
		defer close(p.life.done)
		p.events.run(p.quit, p.server.cfg.Timeouts.Connect, p.tick)
		p.life.err = p.release()
		p.server.forget(p)
	}()
}

// abandon frees a peer that never started.
func (p *Peer) abandon() error {
	defer close(p.life.done)
	return p.release()
}

// release ends the connection and waits for everything that used it.
func (p *Peer) release() error {
	p.cancel()
	err := p.pc.GracefulClose()
	p.rtcp.in.close()
	p.life.tracks.Lock()
	p.life.speaks = true // a track that comes now is left unread; who reads one is waited for
	p.life.tracks.Unlock()
	p.life.wg.Wait()
	// A channel that opens just now can't be closed any more, and need not be.
	if err != nil && !errors.Is(err, sctp.ErrResetPacketInStateNotExist) {
		return fmt.Errorf("close the peer connection: %w", err)
	}
	return nil
}

// ID names the peer, as in the WHEP resource's address.
func (p *Peer) ID() uuid.UUID { return p.id }

// Done is closed when the peer has ended and everything it used is freed.
func (p *Peer) Done() <-chan struct{} { return p.life.done }

// Close ends the peer and waits until everything it used is freed. Any
// further Close returns what the first did. Not for use in a handler.
func (p *Peer) Close() error {
	p.cancel()
	<-p.life.done
	return p.life.err
}

// ErrOtherCodec refuses a frame of a codec that was not agreed on.
var ErrOtherCodec = errors.New("the client does not take the frame's codec")

// ErrPeerClosed answers use of a peer that has ended.
var ErrPeerClosed = errors.New("the peer has ended")

// Codecs are those that frames may be compressed to, in the order of
// Server.Offer.
func (p *Peer) Codecs() []Codec { return p.track.codecs }

// WriteFrame queues one frame of a codec, captured at an instant of this
// process's clock. After one of another codec it is a key frame. It copies the bytes and never waits: a frame that
// finds the queue full is dropped and counted, and so are those after it up to
// the next key frame, which KeyFrame asks for. Frames before the connection
// is up, and before the first key frame on it, go nowhere. Errors:
// ErrPeerClosed, ErrOtherCodec, ErrNoPicture.
func (p *Peer) WriteFrame(codec Codec, unit []byte, captured time.Time) error {
	if p.ending() {
		return ErrPeerClosed
	}
	if !slices.Contains(p.track.codecs, codec) {
		return ErrOtherCodec
	}
	if !p.connected.Load() {
		return nil
	}
	return p.out.push(codec, unit, captured, time.Now())
}

// ending says whether the peer has ended or is about to.
func (p *Peer) ending() bool {
	select {
	case <-p.quit:
		return true
	default:
		return false
	}
}

func (p *Peer) stateChanged(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		p.connected.Store(true)
		p.events.connected()
		p.events.keyFrame()
	case webrtc.PeerConnectionStateFailed:
		t := p.server.cfg.Timeouts
		p.events.ended("the client stopped answering", t.Disconnected+t.Failed)
	case webrtc.PeerConnectionStateClosed:
		p.events.ended("the client closed the connection", 0)
	}
}
