package streamer

import (
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
)

// picture is a display's picture on its way to whoever is shown it. One
// goroutine reads and encodes, once for all; it rests while nobody watches.
//
//	display ─▶ source ─▶ encoder ─▶ audience
type picture struct {
	source   *source
	encoder  *encode.Encoder // nil until start
	underway underway
	audience *audience
	log      *slog.Logger

	mu      sync.Mutex // over what the encoder was last told
	shape   adapt.Rung
	bitRate int

	quit    chan struct{}
	painter sync.WaitGroup
	broken  chan struct{} // closed when there is no picture any more
	failure error         // why; read after broken is closed
}

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

// newPicture takes the screen, which close frees.
func newPicture(screen *capture.Screen, log *slog.Logger) *picture {
	p := &picture{source: &source{Screen: screen}, log: log, quit: make(chan struct{}), broken: make(chan struct{})}
	p.audience = newAudience(p.forceKeyFrame)
	return p
}

// look says whether the display shows more than one colour: before start.
func (p *picture) look() (drawn bool, err error) {
	img, release, err := p.source.Read()
	if err != nil {
		return false, err
	}
	defer release()
	return isDrawn(img), nil
}

// isDrawn looks at a grid of places for a difference that is not noise.
func isDrawn(img image.Image) bool {
	luma, ok := img.(*image.YCbCr)
	if !ok {
		return false
	}
	const places = 24
	const noise = 8
	lowest, highest := byte(255), byte(0)
	size := luma.Bounds().Size()
	for row := range places {
		for column := range places {
			x, y := (2*column+1)*size.X/(2*places), (2*row+1)*size.Y/(2*places)
			v := luma.Y[luma.YOffset(x, y)]
			lowest, highest = min(lowest, v), max(highest, v)
		}
	}
	return highest-lowest > noise
}

// start begins to encode for the audience, in a shape and at a bit rate.
func (p *picture) start(shape adapt.Rung, bitRate int) error {
	encoder, err := encode.Open(p.source, encode.Config{
		Width: shape.Width, Height: shape.Height, FrameRate: shape.FrameRate, BitRate: bitRate,
	})
	if err != nil {
		return fmt.Errorf("open the encoder: %w", err)
	}
	p.encoder, p.shape, p.bitRate = encoder, shape, bitRate
	p.painter.Go(p.paint)
	return nil
}

func (p *picture) forceKeyFrame() { p.encoder.ForceKeyFrame() }

// paint encodes frame after frame for the audience, until close or a failure.
func (p *picture) paint() {
	for p.audience.await(p.quit) {
		unit, err := p.encoder.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			p.failure = err
			close(p.broken)
			return
		}
		p.underway.add(stamps{
			captured: unit.Captured, converted: p.source.converted,
			started: unit.Started, ended: unit.Started.Add(unit.EncodeTime),
		})
		p.audience.hand(unit)
	}
}

// setBitRate changes what the picture may cost, in bit/s.
func (p *picture) setBitRate(bps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if bps == p.bitRate {
		return
	}
	p.bitRate = bps
	if err := p.encoder.SetBitRate(bps); err != nil {
		p.log.Warn("the bit rate could not be changed", "bps", bps, "error", err)
	}
}

// reshape changes the size and the frame rate, and says whether they are others
// than before.
func (p *picture) reshape(shape adapt.Rung) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if shape == p.shape {
		return false
	}
	p.shape = shape
	err := errors.Join(
		p.source.Shape(shape.Width, shape.Height, shape.FrameRate), p.encoder.SetFrameRate(shape.FrameRate))
	if err != nil {
		p.log.Warn("the picture could not be reshaped", "shape", shape, "error", err)
	}
	return true
}

func (p *picture) encodeP95(now time.Time) time.Duration { return p.underway.encodeP95(now) }

func (p *picture) encoderName() string { return p.encoder.Name() }

// close stops the picture and frees what it took.
func (p *picture) close() error {
	close(p.quit)
	p.audience.keys.stop()
	err := p.source.Close()
	p.painter.Wait()
	if p.encoder != nil {
		err = errors.Join(err, p.encoder.Close())
	}
	return err
}
