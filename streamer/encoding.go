package streamer

import (
	"errors"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
)

// encoding is a screen and the encoder of its pictures. An encoder that fails
// is opened anew, once; one that fails again soon is given up for the next in
// order. One goroutine calls next; what changes the picture may be called by
// any, and does not wait.
type encoding struct {
	source   *source
	log      *slog.Logger
	report   func(events.PictureAdapted)                      // that another encoder goes on; does not wait
	pull     func(*encode.Encoder) (encode.AccessUnit, error) // Encoder.Next, but for tests
	underway underway
	replaced time.Time // the last encoder was; for next

	mu      sync.Mutex      // over what follows, but for who calls next
	encoder *encode.Encoder // nil until open
	shape   adapt.Rung      // of the picture, as it was last told
	bitRate int
}

var _ shaper = (*encoding)(nil)

// source is the screen as the encoder reads it.
type source struct {
	*capture.Screen
	converted time.Time // when the picture that was read last was there; for who reads
}

var _ encode.Source = (*source)(nil)

func (s *source) Read() (image.Image, func(), error) {
	img, release, err := s.Screen.Read()
	s.converted = time.Now()
	return img, release, err
}

// open begins to encode in a shape and at a bit rate, with the encoder that is
// named, or the first that works.
func (e *encoding) open(encoder string, shape adapt.Rung, bitRate int) (err error) {
	e.shape, e.bitRate = shape, bitRate
	cfg := e.config()
	cfg.Encoder = encoder
	if e.encoder, err = encode.Open(e.source, cfg); err != nil {
		return fmt.Errorf("open the encoder: %w", err)
	}
	return nil
}

func (e *encoding) config() encode.Config {
	return encode.Config{
		Width: e.shape.Width, Height: e.shape.Height, FrameRate: e.shape.FrameRate, BitRate: e.bitRate,
	}
}

// next returns the next frame. An error is the end: of the source, or of all
// encoders.
func (e *encoding) next() (encode.AccessUnit, error) {
	for {
		unit, err := e.pull(e.encoder)
		if err == nil {
			e.underway.add(stamps{
				captured: unit.Captured, converted: e.source.converted,
				started: unit.Started, ended: unit.Started.Add(unit.EncodeTime),
			})
			return unit, nil
		}
		if errors.Is(err, encode.ErrFailed) {
			err = e.replace(err, time.Now())
		}
		if err != nil {
			return encode.AccessUnit{}, err
		}
	}
}

// relapse is for how long an encoder that was opened after a failure is not
// opened once more.
const relapse = time.Minute

// replace has another encoder go on after a failure, if there is one.
func (e *encoding) replace(failure error, now time.Time) error {
	failed := e.encoder.Name()
	_ = e.encoder.Close() // it has failed already
	e.mu.Lock()
	cfg := e.config()
	e.mu.Unlock()
	next, err := e.another(cfg, failed, e.replaced.IsZero() || now.Sub(e.replaced) > relapse)
	if err != nil {
		return errors.Join(failure, err)
	}
	e.replaced = now
	e.log.Warn("the encoder has failed, and another goes on", "failure", failure, "encoder", next.Name())
	e.mu.Lock()
	defer e.mu.Unlock()
	e.encoder = next
	e.tell() // what has changed meanwhile
	e.source.Refresh()
	e.report(events.PictureAdapted{
		Width: e.shape.Width, Height: e.shape.Height, FrameRate: e.shape.FrameRate, BitRate: e.bitRate,
		Encoder: next.Name(), Cause: events.PictureEncoderFailed,
	})
	return nil
}

// another opens the encoder that has failed, if it may be tried again, or else
// the next one.
func (e *encoding) another(cfg encode.Config, failed string, again bool) (*encode.Encoder, error) {
	if again {
		same := cfg
		same.Encoder = failed
		if encoder, err := encode.Open(e.source, same); err == nil {
			return encoder, nil
		}
	}
	return encode.OpenAfter(e.source, cfg, failed)
}

// tell has the encoder heed the shape and the bit rate.
func (e *encoding) tell() {
	if err := errors.Join(e.encoder.SetBitRate(e.bitRate), e.encoder.SetFrameRate(e.shape.FrameRate)); err != nil {
		e.log.Warn("the encoder could not be told its rates", "bps", e.bitRate, "fps", e.shape.FrameRate, "error", err)
	}
}

// setBitRate changes what the picture may cost, in bit/s.
func (e *encoding) setBitRate(bps int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if bps != e.bitRate {
		e.bitRate = bps
		e.tell()
	}
}

// reshape changes the size and the frame rate, and says whether they are others
// than before.
func (e *encoding) reshape(shape adapt.Rung) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if shape == e.shape {
		return false
	}
	e.shape = shape
	if err := e.source.Shape(shape.Width, shape.Height, shape.FrameRate); err != nil {
		e.log.Warn("the picture could not be reshaped", "shape", shape, "error", err)
	}
	e.tell()
	return true
}

func (e *encoding) encodeP95(now time.Time) time.Duration { return e.underway.encodeP95(now) }

func (e *encoding) encoderName() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.encoder.Name()
}

func (e *encoding) forceKeyFrame() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.encoder.ForceKeyFrame()
}

// close frees the encoder, when the source is closed and nobody calls next.
func (e *encoding) close() error {
	if e.encoder == nil {
		return nil
	}
	return e.encoder.Close()
}
