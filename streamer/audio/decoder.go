package audio

// #cgo pkg-config: opus
// #include <opus.h>
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// longest is the most samples of one channel in a packet: 120 ms (RFC 6716
// section 3).
const longest = SampleRate * 120 / 1000

// ErrNotOpus says that a packet's bytes are no Opus.
var ErrNotOpus = errors.New("the packet is no Opus")

// decoder decodes one stream to one channel.
type decoder struct {
	opus   *C.OpusDecoder
	size   int // samples of the last packet: what one that is lost would have had
	output [longest]int16
}

func openDecoder() (*decoder, error) {
	var code C.int
	opus := C.opus_decoder_create(SampleRate, 1, &code)
	if code != C.OPUS_OK {
		return nil, fmt.Errorf("open libopus: %s", reason(code))
	}
	return &decoder{opus: opus}, nil
}

// decode appends the samples of a packet.
func (d *decoder) decode(samples []int16, packet []byte) ([]int16, error) {
	if len(packet) == 0 {
		return samples, fmt.Errorf("%w: it is empty", ErrNotOpus)
	}
	n := C.opus_decode(d.opus, (*C.uchar)(unsafe.SliceData(packet)), C.opus_int32(len(packet)),
		(*C.opus_int16)(&d.output[0]), longest, 0)
	if n < 0 {
		return samples, fmt.Errorf("%w: %s", ErrNotOpus, reason(n))
	}
	d.size = int(n)
	return append(samples, d.output[:n]...), nil
}

// conceal appends what stands for a lost packet: what the next one carries of
// it, where that is given, or else a guess from those before.
func (d *decoder) conceal(samples []int16, next []byte) []int16 {
	if d.size == 0 {
		return samples
	}
	correct := C.int(0)
	if len(next) > 0 {
		correct = 1
	}
	n := C.opus_decode(d.opus, (*C.uchar)(unsafe.SliceData(next)), C.opus_int32(len(next)),
		(*C.opus_int16)(&d.output[0]), C.int(d.size), correct)
	if n < 0 {
		return samples
	}
	return append(samples, d.output[:n]...)
}

func (d *decoder) close() { C.opus_decoder_destroy(d.opus) }
