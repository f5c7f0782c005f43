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
	"github.com/playcast/playcast/streamer/transport"
)

// encoding is a screen and the encoder of its pictures, whose codec suits who is
// shown them. An encoder that fails is opened anew, once; one that fails again
// soon is given up for the next in order, and after the last of a codec for
// another codec. One goroutine calls next; what changes the picture may be called by
// any, and does not wait.
type encoding struct {
	source   *source
	log      *slog.Logger
	report   func(events.PictureAdapted)                      // another encoder goes on; does not wait
	pull     func(*encode.Encoder) (encode.AccessUnit, error) // Encoder.Next, but for tests
	underway underway
	replaced time.Time // the last encoder was; for next

	mu      sync.Mutex          // over what follows, but for who calls next
	made    []encode.Support    // an encoder a codec, the most wanted first; never changed in place
	takes   [][]transport.Codec // what each takes who is shown the picture
	encoder *encode.Encoder     // nil until open
	shape   adapt.Rung          // of the picture, as it was last told
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

// open begins to encode in a shape and at a bit rate, before it is known for whom:
// in the codec that is wanted least, which is the one that most take.
func (e *encoding) open(shape adapt.Rung, bitRate int) (err error) {
	e.shape, e.bitRate = shape, bitRate
	if err := e.source.Shape(shape.Width, shape.Height, shape.FrameRate); err != nil {
		return err
	}
	if codecs := e.codecs(); len(codecs) > 0 {
		e.suit(codecs[len(codecs)-1:])
	}
	if e.encoder, err = e.begin(); err != nil {
		return fmt.Errorf("open the encoder: %w", err)
	}
	return nil
}

// begin opens an encoder that suits the audience. Codecs that can't be made after
// all are given up.
func (e *encoding) begin() (*encode.Encoder, error) {
	var errs []error
	for {
		e.mu.Lock()
		best, ok := common(e.made, e.takes)
		cfg := e.config()
		e.mu.Unlock()
		if !ok {
			return nil, errors.Join(append(errs, errNoCodec)...)
		}
		cfg.Codec = best.Codec
		encoder, err := e.another(cfg, best.Name, true)
		if err == nil {
			if len(errs) > 0 {
				e.log.Warn("not every codec can be made any more", "error", errors.Join(errs...))
			}
			return encoder, nil
		}
		errs = append(errs, err)
		e.giveUp(best.Codec)
	}
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
		if err := e.follow(); err != nil {
			return encode.AccessUnit{}, err
		}
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

// follow goes on with an encoder of another codec, if that suits who is shown
// the picture now.
func (e *encoding) follow() error {
	e.mu.Lock()
	best, ok := common(e.made, e.takes)
	e.mu.Unlock()
	if ok && best.Codec == e.encoder.Codec() {
		return nil
	}
	// First this one is freed: graphics cards encode only so much at once.
	if err := e.encoder.Close(); err != nil {
		e.log.Warn("an encoder could not be freed", "error", err)
	}
	next, err := e.begin()
	if err != nil {
		return err
	}
	e.log.Info("another codec suits who is shown the picture", "codec", next.Codec(), "encoder", next.Name())
	e.put(next, events.PictureOtherCodec)
	return nil
}

// relapse is for how long an encoder that was opened after a failure is not
// opened once more.
const relapse = time.Minute

// replace has another encoder go on after a failure, if there is one.
func (e *encoding) replace(failure error, now time.Time) error {
	failed := e.encoder
	_ = failed.Close() // it has failed already
	e.mu.Lock()
	cfg := e.config()
	e.mu.Unlock()
	cfg.Codec = failed.Codec()
	next, err := e.another(cfg, failed.Name(), e.replaced.IsZero() || now.Sub(e.replaced) > relapse)
	if err != nil {
		e.giveUp(failed.Codec())
		failure = errors.Join(failure, err)
		next, err = e.begin()
	}
	if err != nil {
		return errors.Join(failure, err)
	}
	e.replaced = now
	e.log.Warn("the encoder has failed, and another goes on", "failure", failure, "encoder", next.Name())
	e.put(next, events.PictureEncoderFailed)
	return nil
}

// put has an encoder go on, and reports it.
func (e *encoding) put(next *encode.Encoder, cause events.PictureCause) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.encoder = next
	e.tell() // what has changed meanwhile
	e.source.Refresh()
	e.report(events.PictureAdapted{
		Width: e.shape.Width, Height: e.shape.Height, FrameRate: e.shape.FrameRate, BitRate: e.bitRate,
		Encoder: next.Name(), Cause: cause,
	})
}

// another opens the encoder that was to encode, if it may be tried again, or else
// the next one of the codec.
func (e *encoding) another(cfg encode.Config, was string, again bool) (*encode.Encoder, error) {
	var reason error
	if again {
		cfg.Encoder = was
		var encoder *encode.Encoder
		if encoder, reason = encode.Open(e.source, cfg); reason == nil {
			return encoder, nil
		}
	}
	next, err := encode.OpenAfter(e.source, cfg, was)
	if err != nil {
		return nil, errors.Join(reason, err)
	}
	return next, nil
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

// pressed says that the encoder takes most of the time that a frame lasts.
func (e *encoding) pressed(now time.Time) bool {
	e.mu.Lock()
	period := time.Second / time.Duration(max(e.shape.FrameRate, 1))
	e.mu.Unlock()
	return e.encodeP95(now) > period*7/10
}

// rate is what the picture may cost at present, in bit/s.
func (e *encoding) rate() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bitRate
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
