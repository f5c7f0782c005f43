package transport

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	// audioClock is the RTP clock of Opus, whatever it was sampled at (RFC
	// 7587 section 4.1).
	audioClock = 48000
	// audioPacket is the sound in one packet.
	audioPacket = 10 * time.Millisecond
	audioTicks  = uint32(audioPacket * audioClock / time.Second)
	// audioFormat is what is sent. The parameters speak to a client that
	// heeds an answer; most go by what they offered themselves.
	audioFormat = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1"
	// audioDrift is how far the sound's time may be from that of its capture
	// before it is set anew: beneath it, sound that was captured without a
	// gap is to be played without one.
	audioDrift = 3 * audioPacket
)

// ErrNoAudio answers sound for a client whose offer takes none.
var ErrNoAudio = errors.New("the client takes no sound")

// WriteAudio sends 10 ms of Opus at 48 kHz, captured at an instant of this
// process's clock. It goes out at once: sound is small, and late sound is
// worse than none. Before the connection is up it goes nowhere. Errors:
// ErrNoAudio, ErrPeerClosed, or the socket's.
func (p *Peer) WriteAudio(opus []byte, captured time.Time) error {
	if p.ending() {
		return ErrPeerClosed
	}
	if p.audio == nil {
		return ErrNoAudio
	}
	if !p.connected.Load() {
		return nil
	}
	return p.audio.write(opus, captured)
}

// audioTrack stamps and numbers the packets of one peer's sound. It is of a
// media stream of its own, so that no client holds the picture back for it.
type audioTrack struct {
	codec webrtc.RTPCodecParameters

	mu     sync.Mutex
	writer webrtc.TrackLocalWriter // nil until bound
	header rtp.Header
	next   time.Time // when what follows without a gap was captured
}

var _ webrtc.TrackLocal = (*audioTrack)(nil)

func opusCodec(payload webrtc.PayloadType) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: audioClock, Channels: 2, SDPFmtpLine: audioFormat,
		},
		PayloadType: payload,
	}
}

func newAudioTrack(payload webrtc.PayloadType) *audioTrack {
	return &audioTrack{codec: opusCodec(payload), header: rtp.Header{
		Version: 2, Marker: true, // the first packet begins a talkspurt (RFC 3551 section 4.1)
		Timestamp: rand.Uint32(), SequenceNumber: uint16(rand.Uint32N(1 << 15)),
	}}
}

// Bind takes the one codec there is.
func (t *audioTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writer = c.WriteStream()
	t.header.SSRC, t.header.PayloadType = uint32(c.SSRC()), uint8(t.codec.PayloadType)
	return t.codec, nil
}

// Unbind drops the writer; sound written after it goes nowhere.
func (t *audioTrack) Unbind(webrtc.TrackLocalContext) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writer = nil
	return nil
}

// ID, RID, StreamID and Kind name the track in the answer.
func (t *audioTrack) ID() string                { return "audio" }
func (t *audioTrack) RID() string               { return "" }
func (t *audioTrack) StreamID() string          { return "playcast-audio" }
func (t *audioTrack) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

func (t *audioTrack) write(opus []byte, captured time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.writer == nil {
		return nil
	}
	t.stamp(captured)
	_, err := t.writer.WriteRTP(&t.header, opus)
	t.header.Marker = false
	return err
}

// stamp sets the number and the time of the next packet: the one before and
// 10 ms, and what is missing where sound was left out. It never goes back.
func (t *audioTrack) stamp(captured time.Time) {
	if t.next.IsZero() {
		t.next = captured
	}
	t.header.SequenceNumber++
	switch off := captured.Sub(t.next); {
	case off > audioDrift:
		t.header.Timestamp += uint32(int64(off) * (audioClock / 1000) / int64(time.Millisecond))
		t.next = captured
	case off < -audioDrift:
		t.next = captured // its clock runs ahead of ours, or was set
	}
	t.header.Timestamp += audioTicks
	t.next = t.next.Add(audioPacket)
}
