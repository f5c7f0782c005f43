//go:build !nolibav

package encode

// #cgo pkg-config: libavcodec libavutil
// #cgo CFLAGS: -O3
// #include <stdlib.h>
// #include "libav_bridge.h"
import "C"

import (
	"errors"
	"image"
	"io"
	"strings"
	"sync"
	"unsafe"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

// libavBuilder opens an encoder of libavcodec with the first of its settings
// that the encoder takes.
type libavBuilder struct {
	libavOptions
	codec   Codec
	bitRate int
}

var _ codec.VideoEncoderBuilder = (*libavBuilder)(nil)

func (b *libavBuilder) RTPCodec() *codec.RTPCodec { return b.codec.rtp() }

func (b *libavBuilder) BuildVideoEncoder(r video.Reader, p prop.Media) (codec.ReadCloser, error) {
	var err error
	for _, settings := range b.settings {
		var l *libav
		if l, err = b.open(settings, p); err == nil {
			l.reader = r
			return l, nil
		}
	}
	return nil, err
}

func (b *libavBuilder) open(settings string, p prop.Media) (*libav, error) {
	name, options := C.CString(b.name), C.CString(settings)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(options))
	l := &libav{}
	l.engine = C.libav_new(C.libav_options{
		name: name, settings: options, input: C.int(b.input),
		width: C.int(p.Width), height: C.int(p.Height), frame_rate: C.int(p.FrameRate),
		kbit: C.int(b.bitRate / 1000), vbv: C.int(b.vbv), gop: C.int(b.gop), threads: C.int(threads()),
	}, &l.words[0])
	if l.engine == nil {
		return nil, l.failure()
	}
	return l, nil
}

// libav encodes pictures of the one size that it was made for; its reader sees
// to that.
type libav struct {
	reader video.Reader

	mu     sync.Mutex // never held while reading a picture
	engine *C.libav   // nil once closed
	key    bool       // the next picture is to be an IDR
	out    *C.uint8_t // the last access unit, in the engine's memory
	words  [C.LIBAV_WORDS]C.char
}

var (
	_ codec.ReadCloser         = (*libav)(nil)
	_ codec.KeyFrameController = (*libav)(nil)
	_ codec.BitRateController  = (*libav)(nil)
)

// Read returns an access unit that is valid until the next Read or Close.
func (l *libav) Read() ([]byte, func(), error) {
	img, release, err := l.reader.Read()
	if err != nil {
		return nil, nil, err
	}
	defer release()
	pic := img.(*image.YCbCr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.engine == nil {
		return nil, nil, io.EOF
	}
	idr := C.int(0)
	if l.key {
		idr = 1
	}
	size := C.libav_encode(l.engine, planes(pic), idr, &l.out, &l.words[0])
	if size < 0 {
		return nil, nil, l.failure()
	}
	l.key = false
	return unsafe.Slice((*byte)(unsafe.Pointer(l.out)), int(size)), nothing, nil
}

func (l *libav) failure() error {
	var text strings.Builder
	for _, c := range l.words {
		if c == 0 {
			break
		}
		text.WriteByte(byte(c))
	}
	return errors.New(strings.TrimSpace(text.String()))
}

func (l *libav) ForceKeyFrame() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key = true
	return nil
}

// SetBitRate has an effect only on some of libavcodec's encoders.
func (l *libav) SetBitRate(bps int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.engine == nil {
		return io.EOF
	}
	C.libav_bitrate(l.engine, C.int(bps/1000))
	return nil
}

func (l *libav) Controller() codec.EncoderController { return l }

func (l *libav) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.engine != nil {
		C.libav_free(l.engine)
		l.engine = nil
	}
	return nil
}
