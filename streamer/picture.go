package streamer

import (
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
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
func newPicture(screen *capture.Screen) *picture {
	p := &picture{source: &source{Screen: screen}, quit: make(chan struct{}), broken: make(chan struct{})}
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

// start begins to encode for the audience.
func (p *picture) start(entry game.Entry) error {
	encoder, err := encode.Open(p.source, encode.Config{
		Width: entry.Width, Height: entry.Height, FrameRate: entry.FrameRate, BitRate: bitRate(entry),
	})
	if err != nil {
		return fmt.Errorf("open the encoder: %w", err)
	}
	p.encoder = encoder
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
		now := time.Now()
		p.underway.add(stamps{
			captured: unit.Captured, converted: p.source.converted, started: now.Add(-unit.EncodeTime), ended: now,
		})
		p.audience.hand(unit)
	}
}

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

// bitRate is what a picture of a size and frame rate may cost at most, in
// bit/s: about 0.15 bits a pixel, within 2 and 20 Mb/s.
func bitRate(e game.Entry) int {
	return min(max(e.Width*e.Height*e.FrameRate*15/100, 2_000_000), 20_000_000)
}
