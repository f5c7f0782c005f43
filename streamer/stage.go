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
	"github.com/playcast/playcast/streamer/xconn"
)

// stage is a running game with its display, and its picture on the way to
// whoever is shown it. One goroutine reads and encodes; it rests while nobody
// watches.
//
//	game ─▶ display ─▶ screen ─▶ encoder ─▶ audience
type stage struct {
	display  *game.Display
	game     *game.Process
	controls *controls
	screen   *source
	encoder  *encode.Encoder
	entry    game.Entry

	underway underway
	audience audience
	quit     chan struct{}
	painter  sync.WaitGroup

	broken  chan struct{} // closed when there is no picture any more
	failure error         // why; read after broken is closed
}

// source is the screen, as the encoder reads it. It is for the goroutine that
// paints.
type source struct {
	*capture.Screen
	converted time.Time // when the picture that was read last was there
}

func (s *source) Read() (image.Image, func(), error) {
	picture, release, err := s.Screen.Read()
	s.converted = time.Now()
	return picture, release, err
}

// audience is who is shown the picture.
type audience struct {
	mu     sync.Mutex
	viewer *viewer       // nil: rest
	woken  chan struct{} // closed when there is one
}

// openStage starts the display and the game, says so, and returns when the
// game draws. Whatever it has started before an error is freed.
func openStage(ctx context.Context, launcher *game.Launcher, launch game.Launch, launched func()) (_ *stage, err error) {
	entry := launch.Entry
	s := &stage{
		entry: entry, quit: make(chan struct{}), broken: make(chan struct{}),
		audience: audience{woken: make(chan struct{})},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.free())
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
	screen, err := capture.Open(ctx, capture.Config{
		Display: s.display.Name(), Authority: s.display.Authority(),
		Width: entry.Width, Height: entry.Height, FrameRate: entry.FrameRate,
	})
	if err != nil {
		return nil, fmt.Errorf("open the capture: %w", err)
	}
	s.screen = &source{Screen: screen}
	if err = s.awaitDrawing(ctx); err != nil {
		return nil, err
	}
	injector, err := input.Open(s.display.Name(), s.display.Authority())
	if err != nil {
		return nil, err
	}
	s.controls = &controls{display: s.display, injector: injector}
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
	s.audience.mu.Lock()
	defer s.audience.mu.Unlock()
	if s.audience.viewer == nil {
		close(s.audience.woken)
	}
	s.audience.viewer = v
	s.encoder.ForceKeyFrame()
}

// rest stops the picture: nothing is taken by the audience after it.
func (s *stage) rest() {
	s.audience.mu.Lock()
	defer s.audience.mu.Unlock()
	if s.audience.viewer != nil {
		s.audience.viewer = nil
		s.audience.woken = make(chan struct{})
	}
}

// paint encodes frame after frame for the audience, until close or a failure.
func (s *stage) paint() {
	for s.awaitAudience() {
		unit, err := s.encoder.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.failure = err
			close(s.broken)
			return
		}
		now := time.Now()
		s.underway.add(stamps{
			captured: unit.Captured, converted: s.screen.converted, started: now.Add(-unit.EncodeTime), ended: now,
		})
		s.hand(unit)
	}
}

// awaitAudience returns false when the stage is closed.
func (s *stage) awaitAudience() bool {
	for {
		s.audience.mu.Lock()
		viewer, woken := s.audience.viewer, s.audience.woken
		s.audience.mu.Unlock()
		if viewer != nil {
			return true
		}
		select {
		case <-woken:
		case <-s.quit:
			return false
		}
	}
}

// hand gives a frame to who is the audience now. That may be another than when
// the frame was begun, whose key frame this one may be; and if there is none,
// the next one begins with a key frame, so that this one is not missed.
func (s *stage) hand(unit encode.AccessUnit) {
	s.audience.mu.Lock()
	defer s.audience.mu.Unlock()
	if s.audience.viewer != nil {
		s.audience.viewer.take(unit)
	}
}

// lost says whether the display has gone, and why as far as is known. A game
// ends with its display, so that its end is to be told from the display's: a
// server that ends closes the socket on which it listens before it closes the
// connection of the game.
func (s *stage) lost() error {
	conn, err := xconn.Dial(s.display.Name(), s.display.Authority())
	if err != nil {
		return errors.Join(err, s.display.Err())
	}
	conn.Close()
	return nil
}

// close ends the game and frees everything. An error says what is left.
func (s *stage) close() error {
	close(s.quit)
	return s.free()
}

// free frees what there is. The input comes last: it can wait for the display,
// and that for a game which has grabbed it, but for no longer than they live.
func (s *stage) free() error {
	var errs []error
	if s.screen != nil {
		errs = append(errs, s.screen.Close())
	}
	s.painter.Wait()
	if s.encoder != nil {
		errs = append(errs, s.encoder.Close())
	}
	if s.game != nil {
		errs = append(errs, s.game.Close())
	}
	if s.display != nil {
		errs = append(errs, s.display.Close())
	}
	if s.controls != nil {
		s.controls.close()
	}
	return errors.Join(errs...)
}

// bitRate is what a picture of a size and frame rate may cost at most, in
// bit/s: about 0.15 bits a pixel, within 2 and 20 Mb/s.
func bitRate(e game.Entry) int {
	return min(max(e.Width*e.Height*e.FrameRate*15/100, 2_000_000), 20_000_000)
}
