// Package encode compresses pictures to H.264 for live video.
//
// An Encoder pulls: Next reads a picture from the source, which blocks until
// there is one, and returns it compressed, at once and in order. Nothing is
// queued: a slow encoder gets fewer pictures and not older ones.
//
// The first access unit is a key frame, and then each one that was asked for;
// key frames bring their parameter sets. A change of the bit rate or the wish
// for a key frame counts from the next picture that is read. x264 makes an
// access unit of every picture, and no other key frames. openh264 leaves out
// pictures to keep to the bit rate, and makes a key frame where the scene
// changes; mediadevices has no switch for either that works.
//
// Which encoders there are is settled by the build (the tag nox264 leaves out
// libx264), and which of them is used by trying them in order.
package encode

import (
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

// Config is what to make of the pictures.
type Config struct {
	Width, Height int // even, 16 to 4096
	FrameRate     int // pictures a second that the bit rate is shared among, 1 to 240
	BitRate       int // bit/s, MinBitRate to MaxBitRate
}

// The bit rates that make sense, in bit/s.
const (
	MinBitRate = 50_000
	MaxBitRate = 200_000_000
)

// Validate says what is out of range.
func (c Config) Validate() error {
	if !evenWithin(c.Width) || !evenWithin(c.Height) {
		return fmt.Errorf("picture of %dx%d: want even numbers from 16 to 4096", c.Width, c.Height)
	}
	if c.FrameRate < 1 || c.FrameRate > 240 {
		return fmt.Errorf("frame rate %d: want 1 to 240", c.FrameRate)
	}
	return checkBitRate(c.BitRate)
}

func evenWithin(n int) bool { return n >= 16 && n <= 4096 && n%2 == 0 }

func checkBitRate(bps int) error {
	if bps < MinBitRate || bps > MaxBitRate {
		return fmt.Errorf("bit rate %d: want %d to %d", bps, MinBitRate, MaxBitRate)
	}
	return nil
}

// AccessUnit is one compressed picture.
type AccessUnit struct {
	Data       []byte    // Annex B; valid until the next Next or Close
	Captured   time.Time // of the picture, from its source
	Key        bool      // decoding can start here
	EncodeTime time.Duration
}

// Source delivers pictures: *image.YCbCr, 4:2:0, of the configured size. Read
// blocks until there is one and returns io.EOF at the end; Captured is when the
// picture that was read last was taken. A source with a method Refresh() has it
// called when a key frame is wanted, so that it delivers soon even if nothing
// has changed.
type Source interface {
	Read() (img image.Image, release func(), err error)
	Captured() time.Time
}

// Encoder turns a source's pictures into access units. One goroutine calls
// Next; the other methods may be called by any.
type Encoder struct {
	name   string
	cfg    Config
	source Source

	key     atomic.Bool
	bitRate atomic.Int64 // to be set before the next picture; 0 for no change

	mu     sync.Mutex // held by Next
	codec  codec.ReadCloser
	read   time.Time // when the picture was handed over
	free   func()    // releases that picture
	closed bool
}

// Open returns the first encoder that works on this machine, in the order of
// Available. If there is none, the error has the reason for each. The source
// stays the caller's.
func Open(source Source, cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("open encoder: %w", err)
	}
	var reasons []error
	for _, c := range candidates() {
		if err := probe(c); err != nil {
			reasons = append(reasons, err)
			continue
		}
		e, err := build(c, source, cfg)
		if err == nil {
			return e, nil
		}
		reasons = append(reasons, err)
	}
	return nil, fmt.Errorf("open encoder: %w", errors.Join(reasons...))
}

func build(c candidate, source Source, cfg Config) (*Encoder, error) {
	e := &Encoder{name: c.name, cfg: cfg, source: source}
	rc, err := c.builder(cfg.BitRate).BuildVideoEncoder(video.ReaderFunc(e.picture), prop.Media{Video: prop.Video{
		Width: cfg.Width, Height: cfg.Height, FrameRate: float32(cfg.FrameRate),
	}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	e.codec = rc
	return e, nil
}

// Name says which encoder it is, such as "x264".
func (e *Encoder) Name() string { return e.name }

// Next reads a picture and compresses it, or the one after it if the encoder
// leaves it out. It returns io.EOF after Close or at the end of the source; after any other error, too, the encoder is of no more
// use, and to be closed.
func (e *Encoder) Next() (AccessUnit, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return AccessUnit{}, io.EOF
	}
	data, err := e.compress()
	for err == nil && len(data) == 0 {
		data, err = e.compress()
	}
	if err == io.EOF {
		return AccessUnit{}, io.EOF
	}
	if err != nil {
		return AccessUnit{}, fmt.Errorf("encode with %s: %w", e.name, err)
	}
	return AccessUnit{
		Data:       data,
		Captured:   e.source.Captured(),
		Key:        isKey(data),
		EncodeTime: time.Since(e.read),
	}, nil
}

// compress reads and encodes one picture; no data is one that was left out.
func (e *Encoder) compress() ([]byte, error) {
	data, _, err := e.codec.Read()
	if e.free != nil {
		e.free()
		e.free = nil
	}
	return data, err
}

// ForceKeyFrame makes the next picture a key frame.
func (e *Encoder) ForceKeyFrame() {
	e.key.Store(true)
	if source, ok := e.source.(interface{ Refresh() }); ok {
		source.Refresh()
	}
}

// SetBitRate changes the rate, in bit/s, from the next picture on.
func (e *Encoder) SetBitRate(bps int) error {
	if err := checkBitRate(bps); err != nil {
		return err
	}
	e.bitRate.Store(int64(bps))
	return nil
}

// Close waits for Next to return, and frees the encoder. Close the source
// first, or Next may wait for a picture for long. A second Close does nothing.
func (e *Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	if err := e.codec.Close(); err != nil {
		return fmt.Errorf("close %s: %w", e.name, err)
	}
	return nil
}

// picture is the reader of the codec, and runs within its Read. Pictures are
// checked here, because codecs trust their sizes; and what was asked for since
// the last one is passed on here, because not all codecs can be told meanwhile.
func (e *Encoder) picture() (image.Image, func(), error) {
	img, release, err := e.source.Read()
	if err != nil {
		return nil, nil, err
	}
	if err = e.check(img); err == nil {
		err = e.control()
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	// Released after the codec's Read: the pipeline of openh264 forgets to.
	e.free = release
	e.read = time.Now()
	return img, func() {}, nil
}

func (e *Encoder) check(img image.Image) error {
	pic, ok := img.(*image.YCbCr)
	if !ok || pic.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return fmt.Errorf("picture of type %T: want *image.YCbCr, 4:2:0", img)
	}
	want := image.Rect(0, 0, e.cfg.Width, e.cfg.Height)
	if pic.Rect != want {
		return fmt.Errorf("picture of %v: want %v", pic.Rect, want)
	}
	rows := func(plane []byte, stride, width, height int) bool {
		return stride >= width && len(plane) >= stride*(height-1)+width
	}
	if !rows(pic.Y, pic.YStride, want.Dx(), want.Dy()) ||
		!rows(pic.Cb, pic.CStride, want.Dx()/2, want.Dy()/2) || !rows(pic.Cr, pic.CStride, want.Dx()/2, want.Dy()/2) {
		return fmt.Errorf("picture of %v: its planes are too short", pic.Rect)
	}
	return nil
}

func (e *Encoder) control() error {
	controller := e.codec.Controller()
	if bps := e.bitRate.Swap(0); bps != 0 {
		c, ok := controller.(codec.BitRateController)
		if !ok {
			return errors.New("the bit rate cannot be changed")
		}
		if err := c.SetBitRate(int(bps)); err != nil {
			return err
		}
	}
	if e.key.Swap(false) {
		c, ok := controller.(codec.KeyFrameController)
		if !ok {
			return errors.New("a key frame cannot be asked for")
		}
		return c.ForceKeyFrame()
	}
	return nil
}

// rtpCodec is H.264 as every encoder here makes it: constrained baseline, level
// 4.2, which 1080p60 needs.
func rtpCodec() *codec.RTPCodec {
	c := codec.NewRTPH264Codec(90000)
	c.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e02a"
	return c
}
