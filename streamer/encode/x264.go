//go:build !nox264

package encode

// #cgo pkg-config: x264
// #cgo CFLAGS: -O2
// #include "x264_bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"
	"unsafe"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

// x264Candidates is libx264, called directly: mediadevices' own binding never
// advances the time, buffers two seconds and cannot change the bit rate.
func x264Candidates() []candidate {
	return []candidate{{name: "x264", codec: H264, builder: func(bitRate int) codec.VideoEncoderBuilder {
		return &x264Builder{bitRate: bitRate}
	}}}
}

type x264Builder struct{ bitRate int }

var _ codec.VideoEncoderBuilder = (*x264Builder)(nil)

func (b *x264Builder) RTPCodec() *codec.RTPCodec { return H264.rtp() }

func (b *x264Builder) BuildVideoEncoder(r video.Reader, p prop.Media) (codec.ReadCloser, error) {
	reason := make([]byte, 256)
	engine := C.encoder_new(C.options{
		width:      C.int(p.Width),
		height:     C.int(p.Height),
		frame_rate: C.int(p.FrameRate),
		kbit:       C.int(b.bitRate / 1000),
		threads:    C.int(threads()),
	}, (*C.char)(unsafe.Pointer(&reason[0])), C.int(len(reason)))
	if engine == nil {
		text, _, _ := strings.Cut(string(reason), "\x00")
		return nil, fmt.Errorf("open libx264: %s", strings.TrimSpace(text))
	}
	return &x264{engine: engine, reader: r}, nil
}

// x264 encodes pictures of the one size that it was made for; its reader sees
// to that.
type x264 struct {
	reader video.Reader

	mu     sync.Mutex // never held while reading a picture
	engine *C.encoder // nil once closed
	key    bool       // the next picture is to be an IDR
	out    *C.uint8_t // the last access unit, in the engine's memory
}

var (
	_ codec.ReadCloser         = (*x264)(nil)
	_ codec.KeyFrameController = (*x264)(nil)
	_ codec.BitRateController  = (*x264)(nil)
)

// Read returns an access unit that is valid until the next Read or Close.
func (x *x264) Read() ([]byte, func(), error) {
	img, release, err := x.reader.Read()
	if err != nil {
		return nil, nil, err
	}
	defer release()
	pic := img.(*image.YCbCr)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.engine == nil {
		return nil, nil, io.EOF
	}
	idr := C.int(0)
	if x.key {
		idr = 1
	}
	size := C.encoder_encode(x.engine, planes(pic), idr, &x.out)
	if size <= 0 {
		return nil, nil, errors.New("libx264 returned no access unit")
	}
	x.key = false
	return unsafe.Slice((*byte)(unsafe.Pointer(x.out)), int(size)), nothing, nil
}

func (x *x264) ForceKeyFrame() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.key = true
	return nil
}

func (x *x264) SetBitRate(bps int) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.engine == nil {
		return io.EOF
	}
	if rc := C.encoder_bitrate(x.engine, C.int(bps/1000)); rc != 0 {
		return fmt.Errorf("libx264 refused %d bit/s: %d", bps, int(rc))
	}
	return nil
}

func (x *x264) Controller() codec.EncoderController { return x }

func (x *x264) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.engine != nil {
		C.encoder_free(x.engine)
		x.engine = nil
	}
	return nil
}
