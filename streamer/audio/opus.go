package audio

// #cgo pkg-config: opus
// #include <opus.h>
// static int set_bit_rate(OpusEncoder *e, opus_int32 bps) { return opus_encoder_ctl(e, OPUS_SET_BITRATE(bps)); }
import "C"

import (
	"fmt"
	"io"
	"sync"
	"unsafe"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"
)

// maxPacket is the most that one frame of Opus takes, in bytes (RFC 6716
// section 3.4).
const maxPacket = 1275

// opusBuilder makes encoders of frames of FrameDuration. mediadevices' own is
// for speech in frames of 20 ms.
type opusBuilder struct{ bitRate int }

var _ codec.AudioEncoderBuilder = opusBuilder{}

// RTPCodec is stereo (RFC 7587), as browsers name it.
func (opusBuilder) RTPCodec() *codec.RTPCodec {
	c := codec.NewRTPOpusCodec(SampleRate)
	c.SDPFmtpLine = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1"
	c.Latency = FrameDuration
	return c
}

func (b opusBuilder) BuildAudioEncoder(r audio.Reader, p prop.Media) (codec.ReadCloser, error) {
	if p.SampleRate != SampleRate || p.ChannelCount != Channels {
		return nil, fmt.Errorf("sound of %d Hz and %d channels: want %d and %d",
			p.SampleRate, p.ChannelCount, SampleRate, Channels)
	}
	var code C.int
	encoder := C.opus_encoder_create(SampleRate, Channels, C.OPUS_APPLICATION_RESTRICTED_LOWDELAY, &code)
	if code != C.OPUS_OK {
		return nil, fmt.Errorf("open libopus: %s", reason(code))
	}
	if code := C.set_bit_rate(encoder, C.opus_int32(b.bitRate)); code != C.OPUS_OK {
		C.opus_encoder_destroy(encoder)
		return nil, fmt.Errorf("libopus refused %d bit/s: %s", b.bitRate, reason(code))
	}
	return &opus{reader: r, encoder: encoder}, nil
}

func reason(code C.int) string { return C.GoString(C.opus_strerror(code)) }

// opus encodes each frame of its reader at once.
type opus struct {
	reader audio.Reader

	mu      sync.Mutex     // never held while reading
	encoder *C.OpusEncoder // nil once closed
	packet  [maxPacket]byte
}

var _ codec.ReadCloser = (*opus)(nil)

// Read returns a packet that is valid until the next Read.
func (o *opus) Read() ([]byte, func(), error) {
	chunk, release, err := o.reader.Read()
	if err != nil {
		return nil, nil, err
	}
	defer release()
	sound, ok := chunk.(*wave.Int16Interleaved)
	if !ok || len(sound.Data) != FrameSamples*Channels {
		return nil, nil, fmt.Errorf("sound of type %T: want *wave.Int16Interleaved of %d samples", chunk, FrameSamples)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.encoder == nil {
		return nil, nil, io.EOF
	}
	n := C.opus_encode(o.encoder, (*C.opus_int16)(unsafe.SliceData(sound.Data)), FrameSamples,
		(*C.uchar)(&o.packet[0]), maxPacket)
	if n <= 0 {
		return nil, nil, fmt.Errorf("libopus: %s", reason(C.int(n)))
	}
	return o.packet[:n], func() {}, nil
}

// Controller is nil: nothing is changed while it runs.
func (o *opus) Controller() codec.EncoderController { return nil }

func (o *opus) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.encoder != nil {
		C.opus_encoder_destroy(o.encoder)
		o.encoder = nil
	}
	return nil
}
