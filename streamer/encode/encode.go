// Package encode compresses pictures to H.264, H.265 or AV1 for live video.
//
// An Encoder pulls: Next reads a picture from the source, which blocks until
// there is one, and returns it compressed, at once and in order. Nothing is
// queued: a slow encoder gets fewer pictures and not older ones.
//
// The first access unit is a key frame, and then each one that was asked for,
// and the first of each size: the encoder follows the size of its pictures.
// Key frames bring their parameter sets. A change of the bit rate or of the
// frame rate and the wish for a key frame count from the next picture that is
// read. Two kinds of encoder do less:
//   - openh264 leaves out pictures to keep to the bit rate, and makes a key frame
//     where the scene changes. mediadevices has no switch for either that works,
//     and none for the warnings that it writes to stderr.
//   - Most in hardware make a key frame where the bit rate changes, or are opened
//     anew for it. They follow only changes that are worth that.
//
// Which encoders there are is settled by the build: the tag nox264 leaves out
// libx264, and nolibav libavcodec. Which of them is used is found by trying them
// in order: those in hardware, x264, libavcodec's, openh264. One that fails
// later is followed by the next, by OpenAfter.
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

// AccessUnit is one compressed picture.
type AccessUnit struct {
	Data          []byte // Annex B, or of AV1 a temporal unit; valid until the next Next or Close
	Codec         Codec
	Width, Height int
	Captured      time.Time // of the picture, from its source
	Started       time.Time // when the picture was read, and encoding it began
	EncodeTime    time.Duration
	Key           bool // decoding can start here
}

// Source delivers pictures: *image.YCbCr, 4:2:0, of any size that Config takes.
// Read blocks until there is one and returns io.EOF at the end; Captured is
// when the picture that was read last was taken. A source with a method
// Refresh() has it called when a key frame is wanted, so that it delivers soon
// even if nothing has changed.
type Source interface {
	Read() (img image.Image, release func(), err error)
	Captured() time.Time
}

// ErrFailed is within the error of Next when it is the encoder that does not go
// on, and not its source.
var ErrFailed = errors.New("the encoder has failed")

// Encoder turns a source's pictures into access units. One goroutine calls
// Next; the other methods may be called by any.
type Encoder struct {
	candidate candidate
	source    Source
	passed    []Support
	asked     asked

	mu      sync.Mutex // held by Next
	cfg     Config     // as it is wanted
	codec   codec.ReadCloser
	built   int          // the frame rate that the codec was built for
	told    int          // the bit rate that the codec has been told
	picture *image.YCbCr // what the codec reads next
	closed  bool
}

// asked is what is to be done before the next picture.
type asked struct {
	key       atomic.Bool
	bitRate   atomic.Int64 // 0 for no change
	frameRate atomic.Int64 // likewise
}

// Name says which encoder it is, such as "x264".
func (e *Encoder) Name() string { return e.candidate.name }

// Codec is what it makes.
func (e *Encoder) Codec() Codec { return e.candidate.codec }

// Passed returns the encoders that were tried before this one, and why they do
// not work.
func (e *Encoder) Passed() []Support { return e.passed }

// Next reads a picture and compresses it, or the one after it if the encoder
// leaves it out. It returns io.EOF after Close or at the end of the source;
// after any other error, too, the encoder is of no more use, and to be closed.
func (e *Encoder) Next() (AccessUnit, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return AccessUnit{}, io.EOF
	}
	for {
		unit, err := e.compress()
		if err != nil || len(unit.Data) > 0 {
			return unit, err
		}
	}
}

// compress reads and encodes one picture; no data is one that was left out.
func (e *Encoder) compress() (AccessUnit, error) {
	img, release, err := e.source.Read()
	if err == io.EOF {
		return AccessUnit{}, io.EOF
	}
	if err != nil {
		return AccessUnit{}, fmt.Errorf("read a picture: %w", err)
	}
	defer release()
	started := time.Now()
	if e.picture, err = checkPicture(img); err != nil {
		return AccessUnit{}, err
	}
	if err := e.prepare(); err != nil {
		return AccessUnit{}, fmt.Errorf("%w: %s: %w", ErrFailed, e.Name(), err)
	}
	data, _, err := e.codec.Read()
	if err != nil {
		return AccessUnit{}, fmt.Errorf("%w: %s: %w", ErrFailed, e.Name(), err)
	}
	return AccessUnit{
		Data: data, Codec: e.candidate.codec,
		Width: e.cfg.Width, Height: e.cfg.Height,
		Captured: e.source.Captured(), Started: started, EncodeTime: time.Since(started),
		Key: e.candidate.codec.isKey(data),
	}, nil
}

// prepare has the codec take the picture, and do what was asked for since the
// last one. That is done here because not all codecs can be told meanwhile.
func (e *Encoder) prepare() error {
	size, was := e.picture.Rect.Size(), e.cfg
	e.cfg.Width, e.cfg.Height = size.X, size.Y
	if bps := e.asked.bitRate.Swap(0); bps != 0 {
		e.cfg.BitRate = int(bps)
	}
	if fps := e.asked.frameRate.Swap(0); fps != 0 {
		e.cfg.FrameRate = int(fps)
	}
	key := e.asked.key.Swap(false)
	if e.codec == nil || e.cfg.Width != was.Width || e.cfg.Height != was.Height {
		return e.rebuild()
	}
	if rebuilt, err := e.keepRate(); rebuilt || err != nil {
		return err
	}
	if !key {
		return nil
	}
	c, ok := e.codec.Controller().(codec.KeyFrameController)
	if !ok {
		return errors.New("a key frame cannot be asked for")
	}
	return c.ForceKeyFrame()
}

// keepRate tells the codec the bit rate where it does not have it yet, or makes
// it anew. Where that costs a key frame, small changes are left alone: many of
// those would take more from the picture than they give.
func (e *Encoder) keepRate() (rebuilt bool, err error) {
	budget := e.budget()
	if budget == e.told || e.candidate.rate != rateAtOnce && near(e.told, budget) {
		return false, nil
	}
	if e.candidate.rate == rateByReopening {
		return true, e.rebuild()
	}
	c, ok := e.codec.Controller().(codec.BitRateController)
	if !ok {
		return false, errors.New("the bit rate cannot be changed")
	}
	e.told = budget
	return false, c.SetBitRate(budget)
}

// near reports whether a bit rate is close enough to what the codec was told.
// Too much is felt earlier than too little.
func near(told, budget int) bool { return 100*budget >= 85*told && 100*budget <= 130*told }

// budget is the bit rate as the codec has to be told it. A codec counts in bits
// a picture and is built for one frame rate, so that at another one the bit
// rate is given as what it is for as many pictures as the codec believes in: no
// key frame is needed for the change.
func (e *Encoder) budget() int {
	return min(max(e.cfg.BitRate*e.built/e.cfg.FrameRate, MinBitRate), MaxBitRate)
}

// rebuild makes the codec anew, as Config is now.
func (e *Encoder) rebuild() error {
	if e.codec != nil {
		old := e.codec
		e.codec = nil
		if err := old.Close(); err != nil {
			return err
		}
	}
	built, err := e.candidate.builder(e.cfg.BitRate).BuildVideoEncoder(video.ReaderFunc(e.hand), prop.Media{Video: prop.Video{
		Width: e.cfg.Width, Height: e.cfg.Height, FrameRate: float32(e.cfg.FrameRate),
	}})
	if err != nil {
		return err
	}
	e.codec, e.built, e.told = built, e.cfg.FrameRate, e.cfg.BitRate
	return nil
}

// hand is the reader of the codec, and runs within its Read. The picture is
// released after that: the pipeline of openh264 forgets to.
func (e *Encoder) hand() (image.Image, func(), error) { return e.picture, nothing, nil }

func nothing() {}

// ForceKeyFrame makes the next picture a key frame.
func (e *Encoder) ForceKeyFrame() {
	e.asked.key.Store(true)
	if source, ok := e.source.(interface{ Refresh() }); ok {
		source.Refresh()
	}
}

// SetBitRate changes the rate, in bit/s, from the next picture on.
func (e *Encoder) SetBitRate(bps int) error {
	if err := checkBitRate(bps); err != nil {
		return err
	}
	e.asked.bitRate.Store(int64(bps))
	return nil
}

// SetFrameRate says at how many pictures a second the source delivers from the
// next one on, for the bit rate to be shared among.
func (e *Encoder) SetFrameRate(fps int) error {
	if err := checkFrameRate(fps); err != nil {
		return err
	}
	e.asked.frameRate.Store(int64(fps))
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
	if e.codec == nil {
		return nil // it could not be made anew
	}
	if err := e.codec.Close(); err != nil {
		return fmt.Errorf("close %s: %w", e.Name(), err)
	}
	return nil
}
