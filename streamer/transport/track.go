package transport

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// videoTrack stamps and numbers the packets of one peer's video. RTP time is
// capture time, so that the jitter of encoder and pacer is not taken for that
// of the network, and a client can tell when a picture was taken.
type videoTrack struct {
	codecs   []Codec // never empty
	playout  [3]byte // the extension's value
	captured [8]byte // likewise, of the frame

	mu       sync.Mutex
	writer   webrtc.TrackLocalWriter // nil until bound
	ssrc     webrtc.SSRC
	payloads [codecCount]webrtc.PayloadType // by codec
	extensions
	header rtp.Header
	clock  rtpClock
	fec    repairer
}

// extensions are the identifiers of header extensions; 0 where the client did
// not offer it.
type extensions struct{ playoutID, captureID, numberID uint8 }

var _ webrtc.TrackLocal = (*videoTrack)(nil)

func newVideoTrack(codecs []Codec, playout PlayoutDelay) *videoTrack {
	// Two numbers of 12 bits.
	low, high := playout.Min/playoutDelayStep, playout.Max/playoutDelayStep
	t := &videoTrack{codecs: codecs, playout: [3]byte{byte(low >> 4), byte(low<<4 | high>>8), byte(high)}, clock: rtpClock{base: rand.Uint32()}}
	t.header.SequenceNumber = uint16(rand.Uint32N(1 << 15)) // RFC 3711 section 3.3.1: away from the wrap
	return t
}

// Bind takes the best of the negotiated formats of each codec, and answers with
// that of the first.
func (t *videoTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var first webrtc.RTPCodecParameters
	for i, codec := range t.codecs {
		best, ok := codec.best(c.CodecParameters())
		if !ok {
			return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
		}
		if t.payloads[codec] = best.PayloadType; i == 0 {
			first = best
		}
	}
	t.writer, t.ssrc = c.WriteStream(), c.SSRC()
	t.fec.media, t.fec.header.SSRC = uint32(t.ssrc), uint32(c.SSRCForwardErrorCorrection())
	t.fec.header.PayloadType = uint8(flexFEC(c.CodecParameters()))
	for _, ext := range c.HeaderExtensions() {
		switch ext.URI {
		case sdp.TransportCCURI:
			t.numberID = uint8(ext.ID)
		case uriPlayoutDelay:
			t.playoutID = uint8(ext.ID)
		case uriAbsCaptureTime:
			t.captureID = uint8(ext.ID)
		}
	}
	return first, nil
}

// Unbind drops the writer; frames written after it go nowhere.
func (t *videoTrack) Unbind(webrtc.TrackLocalContext) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writer = nil
	return nil
}

// ID, RID, StreamID and Kind name the track in the answer.
func (t *videoTrack) ID() string                { return "video" }
func (t *videoTrack) RID() string               { return "" }
func (t *videoTrack) StreamID() string          { return "playcast-video" }
func (t *videoTrack) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeVideo }

// startFrame fixes the RTP time and the format of the packets that follow, and
// returns the time.
func (t *videoTrack) startFrame(codec Codec, captured time.Time) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.header.PayloadType = uint8(t.payloads[codec])
	t.header.Timestamp = t.clock.frame(captured)
	t.fec.begin()
	return t.header.Timestamp
}

// write sends one payload of the frame. The first packet of a frame carries
// the frame's own extensions. It says whether repairs are due before the next.
func (t *videoTrack) write(payload []byte, first, last bool, captured time.Time) (due bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.writer == nil {
		return false, nil
	}
	t.header = rtp.Header{
		Version:        2,
		Marker:         last,
		PayloadType:    t.header.PayloadType,
		SequenceNumber: t.header.SequenceNumber + 1,
		Timestamp:      t.header.Timestamp,
		SSRC:           uint32(t.ssrc),
		Extensions:     t.header.Extensions[:0],
	}
	if first {
		if err := t.extend(captured); err != nil {
			return false, err
		}
	}
	if t.numberID != 0 {
		// The number itself is written on the way out.
		if err := t.header.SetExtension(t.numberID, noNumber[:]); err != nil {
			return false, err
		}
	}
	if due, err = t.fec.keep(&t.header, payload); err != nil {
		return due, err
	}
	_, err = t.writer.WriteRTP(&t.header, payload)
	return due, err
}

// noNumber stands for the transport-wide number of a packet.
var noNumber [2]byte

// repair sends the repairs of the packets before, each when hold returns.
func (t *videoTrack) repair(hold func(size int) error) error {
	return t.fec.repair(func(h *rtp.Header, payload []byte) error {
		if err := hold(len(payload)); err != nil {
			return err
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.writer == nil {
			return nil
		}
		_, err := t.writer.WriteRTP(h, payload)
		return err
	})
}

func (t *videoTrack) extend(captured time.Time) error {
	if t.playoutID != 0 {
		if err := t.header.SetExtension(t.playoutID, t.playout[:]); err != nil {
			return err
		}
	}
	if t.captureID != 0 {
		binary.BigEndian.PutUint64(t.captured[:], ntpTime(captured))
		return t.header.SetExtension(t.captureID, t.captured[:])
	}
	return nil
}

// at gives the RTP time of an instant and the stream's SSRC, for sender
// reports; false before the first frame.
func (t *videoTrack) at(now time.Time) (ssrc, timestamp uint32, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return uint32(t.ssrc), t.clock.at(now), t.writer != nil && !t.clock.epoch.IsZero()
}

// rtpClock maps instants to RTP time at 90 kHz from a random base (RFC 3550
// section 5.1).
type rtpClock struct {
	base  uint32
	epoch time.Time // of the first frame
	last  int64     // ticks of the last frame since epoch
}

// frame is the RTP time of a frame, always later than that of the one before:
// a client takes two frames with one time for one.
func (c *rtpClock) frame(captured time.Time) uint32 {
	if c.epoch.IsZero() {
		c.epoch = captured
		return c.base
	}
	c.last = max(c.ticks(captured), c.last+1)
	return c.base + uint32(c.last)
}

func (c *rtpClock) at(now time.Time) uint32 { return c.base + uint32(c.ticks(now)) }

func (c *rtpClock) ticks(t time.Time) int64 {
	return t.Sub(c.epoch).Nanoseconds() * (videoClock / 10000) / 100_000
}
