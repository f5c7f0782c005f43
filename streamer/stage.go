package streamer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/input"
)

// stage is a running game with its display, and its picture on the way to
// whoever is shown it. One goroutine reads and encodes; it rests while nobody
// watches.
//
//	game ─▶ display ─▶ screen ─▶ encoder ─▶ audience
type stage struct {
	display *game.Display
	game    *game.Process
	input   *input.Injector
	screen  *capture.Screen
	encoder *encode.Encoder
	entry   game.Entry

	broken  chan struct{} // closed when there is no picture any more
	failure error         // why; read after broken is closed

	mu       sync.Mutex
	audience *viewer       // nil: rest
	woken    chan struct{} // closed when there is an audience
	quit     chan struct{}
	painter  sync.WaitGroup
}

// openStage starts the display and the game, says so, and returns when the
// game draws. Whatever it has started before an error is freed.
func openStage(ctx context.Context, launcher *game.Launcher, launch game.Launch, launched func()) (_ *stage, err error) {
	entry := launch.Entry
	s := &stage{entry: entry, broken: make(chan struct{}), woken: make(chan struct{}), quit: make(chan struct{})}
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	if s.display, err = launcher.StartDisplay(ctx, launch.Session, entry.Width, entry.Height); err != nil {
		return nil, fmt.Errorf("start the display: %w", err)
	}
	launch.Display = s.display
	if s.game, err = launcher.StartGame(launch); err != nil {
		return nil, fmt.Errorf("start the game: %w", err)
	}
	launched()
	if s.screen, err = capture.Open(ctx, capture.Config{
		Display: s.display.Name(), Authority: s.display.Authority(),
		Width: entry.Width, Height: entry.Height, FrameRate: entry.FrameRate,
	}); err != nil {
		return nil, fmt.Errorf("open the capture: %w", err)
	}
	if err = s.awaitDrawing(ctx); err != nil {
		return nil, err
	}
	if s.input, err = input.Open(s.display.Name(), s.display.Authority()); err != nil {
		return nil, err
	}
	if s.encoder, err = encode.Open(s.screen, encode.Config{
		Width: entry.Width, Height: entry.Height, FrameRate: entry.FrameRate, BitRate: bitRate(entry),
	}); err != nil {
		return nil, fmt.Errorf("open the encoder: %w", err)
	}
	s.painter.Go(s.paint)
	return s, nil
}

// awaitDrawing returns when the display shows more than one colour.
func (s *stage) awaitDrawing(ctx context.Context) error {
	// Read returns now and then even while nothing is drawn, so that both ends
	// are noticed.
	for {
		picture, release, err := s.screen.Read()
		if err != nil {
			return fmt.Errorf("wait for the game to draw: %w", err)
		}
		drawn := isDrawn(picture)
		release()
		if drawn {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.game.Done():
			return fmt.Errorf("the game ended before it drew anything: %w", orEnded(s.game.Err()))
		default:
		}
	}
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("it left of itself")
	}
	return err
}

// isDrawn looks at a grid of places for a difference that is not noise.
func isDrawn(picture image.Image) bool {
	luma, ok := picture.(*image.YCbCr)
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

// drawing reports how the picture is sent.
func (s *stage) drawing() Drawing {
	return Drawing{Width: s.entry.Width, Height: s.entry.Height, FrameRate: s.entry.FrameRate, Encoder: s.encoder.Name()}
}

// show lets the picture run for a viewer, beginning with a key frame.
func (s *stage) show(v *viewer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.audience == nil {
		close(s.woken)
	}
	s.audience = v
	s.encoder.ForceKeyFrame()
}

// rest stops the picture after the frame that is on its way.
func (s *stage) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.audience != nil {
		s.audience = nil
		s.woken = make(chan struct{})
	}
}

// paint encodes frame after frame for the audience, until close or a failure.
func (s *stage) paint() {
	for {
		s.mu.Lock()
		audience, woken := s.audience, s.woken
		s.mu.Unlock()
		if audience == nil {
			select {
			case <-woken:
				continue
			case <-s.quit:
				return
			}
		}
		unit, err := s.encoder.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.failure = err
			close(s.broken)
			return
		}
		audience.take(unit, time.Now())
	}
}

// close ends the game and frees everything.
func (s *stage) close() {
	close(s.quit)
	s.free()
}

// free frees what there is, in the reverse order of its making. What can't be
// closed cleanly has ended already: it is the end of it all that is wanted.
func (s *stage) free() {
	if s.screen != nil {
		_ = s.screen.Close()
	}
	s.painter.Wait()
	if s.encoder != nil {
		_ = s.encoder.Close()
	}
	if s.input != nil {
		s.input.Close()
	}
	if s.game != nil {
		_ = s.game.Close()
	}
	if s.display != nil {
		_ = s.display.Close()
	}
}

// bitRate is what a picture of a size and frame rate may cost at most, in
// bit/s: about 0.15 bits a pixel, within 2 and 20 Mb/s.
func bitRate(e game.Entry) int {
	return min(max(e.Width*e.Height*e.FrameRate*15/100, 2_000_000), 20_000_000)
}
