// Package audiotest plays and listens, for tests: a PulseAudio of their own,
// tones into it, and what becomes of them in Opus.
package audiotest

// #cgo pkg-config: opus
// #include <opus.h>
import "C"

import (
	"errors"
	"math"
	"runtime"
	"unsafe"
)

const (
	sampleRate = 48000
	channels   = 2
	maxSamples = sampleRate * 120 / 1000 // of a channel, in one packet (RFC 6716 section 3)
)

// Decoder decodes one stream, packet after packet.
type Decoder struct{ decoder *C.OpusDecoder }

// NewDecoder returns a decoder; the garbage collector frees it.
func NewDecoder() (*Decoder, error) {
	var code C.int
	decoder := C.opus_decoder_create(sampleRate, channels, &code)
	if code != C.OPUS_OK {
		return nil, errors.New("open libopus: " + C.GoString(C.opus_strerror(code)))
	}
	d := &Decoder{decoder}
	runtime.AddCleanup(d, func(decoder *C.OpusDecoder) { C.opus_decoder_destroy(decoder) }, decoder)
	return d, nil
}

// Decode returns the samples of a packet, both channels in turn.
func (d *Decoder) Decode(packet []byte) ([]int16, error) {
	out := make([]int16, maxSamples*channels)
	n := C.opus_decode(d.decoder, (*C.uchar)(unsafe.SliceData(packet)), C.opus_int32(len(packet)),
		(*C.opus_int16)(unsafe.SliceData(out)), maxSamples, 0)
	runtime.KeepAlive(d)
	if n < 0 {
		return nil, errors.New("libopus: " + C.GoString(C.opus_strerror(n)))
	}
	return out[:int(n)*channels], nil
}

// Tone is how much of the power of one channel of interleaved samples is at a
// frequency in Hz, 0 to 1, by the Goertzel algorithm; 0 for silence.
func Tone(samples []int16, channel int, frequency float64) float64 {
	step := 2 * math.Cos(2*math.Pi*frequency/sampleRate)
	var s1, s2, power float64
	count := 0.0
	for i := channel; i < len(samples); i += channels {
		x := float64(samples[i])
		s1, s2 = x+step*s1-s2, s1
		power += x * x
		count++
	}
	if power == 0 {
		return 0
	}
	return 2 * (s1*s1 + s2*s2 - step*s1*s2) / (power * count)
}

// Loudness is the root mean square of samples.
func Loudness(samples []int16) float64 {
	var power float64
	for _, s := range samples {
		power += float64(s) * float64(s)
	}
	return math.Sqrt(power / float64(max(len(samples), 1)))
}
