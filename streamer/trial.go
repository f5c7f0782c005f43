package streamer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/wave"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/window"
)

// Trial plays a game for a while where nobody watches, to see whether it can be
// played here.
type Trial struct {
	Launcher *game.Launcher
	Entry    game.Entry
	Patience time.Duration // for its first picture
	Watch    time.Duration // from then on
	Log      *slog.Logger
}

// Saw is what a trial saw.
type Saw struct {
	Drew    time.Duration // from the start of the game to its first picture; 0: never
	Rate    float64       // pictures a second that differ from the ones before
	Windows window.Seen
	Sound   bool        // something was heard
	Silent  error       // why nothing could be heard; nil: it could
	Ended   error       // the game has ended before the trial, and how
	Picture image.Image // the last
}

// Run plays the game. An error is ours; what is the game's fault is in Saw.
func (t Trial) Run(ctx context.Context) (saw Saw, err error) {
	launch := game.Launch{Session: events.NewSessionID(), Player: "trial", Entry: t.Entry}
	s := &stage{entry: staged{Entry: t.Entry}}
	defer func() { err = errors.Join(err, s.close()) }()
	if s.display, err = t.Launcher.StartDisplay(ctx, launch.Session, t.Entry.Width, t.Entry.Height); err != nil {
		return saw, err
	}
	launch.Display = s.display
	if s.windows, err = window.Manage(ctx, s.display.Name(), s.display.Authority(), t.Log); err != nil {
		return saw, err
	}
	ear, err := listen(ctx, t.Launcher, launch.Session)
	if saw.Silent = err; err == nil {
		defer func() { err = errors.Join(err, ear.close()) }()
		launch.Sound = ear.daemon
	}
	screen, err := capture.Open(ctx, capture.Config{
		Display: s.display.Name(), Authority: s.display.Authority(),
		Width: t.Entry.Width, Height: t.Entry.Height, FrameRate: t.Entry.FrameRate, Keepalive: 100 * time.Millisecond,
	})
	if err != nil {
		return saw, err
	}
	defer func() { err = errors.Join(err, screen.Close()) }()
	if s.game, err = t.Launcher.StartGame(launch); err != nil {
		saw.Ended = err
		return saw, nil
	}
	if err := t.watch(ctx, s, screen, &saw); err != nil {
		return saw, err
	}
	saw.Windows = s.windows.Seen()
	saw.Sound = ear != nil && ear.heard()
	return saw, nil
}

// keepEvery is how often a picture is kept, which takes longer than to look at it.
const keepEvery = 500 * time.Millisecond

// watch looks at the picture until the time is over or the game is.
func (t Trial) watch(ctx context.Context, s *stage, screen *capture.Screen, saw *Saw) error {
	began, last, pictures := time.Now(), uint64(0), 0
	var kept time.Time
	until := began.Add(t.Patience)
	for time.Now().Before(until) {
		img, release, err := screen.Read()
		if err != nil {
			return fmt.Errorf("look at the game: %w", err)
		}
		if mark := sample(img); mark != last {
			last = mark
			pictures++
		}
		if saw.Drew == 0 && isDrawn(img) {
			saw.Drew, pictures = time.Since(began), 0
			until = time.Now().Add(t.Watch)
		}
		if saw.Drew != 0 && time.Since(kept) > keepEvery {
			saw.Picture, kept = copied(img, saw.Picture), time.Now()
		}
		release()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.game.Done():
			if saw.Ended = s.game.Err(); saw.Ended == nil {
				saw.Ended = errLeft
			}
			return nil
		default:
		}
	}
	if saw.Drew != 0 {
		saw.Rate = float64(pictures) / t.Watch.Seconds()
	}
	return nil
}

// sample is a number that differs where pictures do (FNV-1a of each 7th pixel).
func sample(img image.Image) uint64 {
	luma, ok := img.(*image.YCbCr)
	if !ok {
		return 0
	}
	sum := uint64(14695981039346656037)
	for i := 0; i < len(luma.Y); i += 7 {
		sum = (sum ^ uint64(luma.Y[i])) * 1099511628211
	}
	return sum
}

// copied returns a copy of a picture, in the one before where there is one.
func copied(img, before image.Image) image.Image {
	to, ok := before.(*image.RGBA)
	if !ok {
		to = image.NewRGBA(img.Bounds())
	}
	draw.Draw(to, to.Bounds(), img, img.Bounds().Min, draw.Src)
	return to
}

// ear hears whether a game plays anything.
type ear struct {
	daemon   *game.Sound
	recorder *audio.Recorder
	work     sync.WaitGroup

	mu   sync.Mutex
	loud bool
}

func listen(ctx context.Context, launcher *game.Launcher, session events.SessionID) (*ear, error) {
	daemon, err := launcher.StartSound(ctx, session)
	if err != nil {
		return nil, err
	}
	e := &ear{daemon: daemon}
	if e.recorder, err = audio.OpenRecorder(daemon.Server()); err == nil {
		if err = e.recorder.Start(); err != nil {
			err = errors.Join(err, e.recorder.Close())
		}
	}
	if err != nil {
		return nil, errors.Join(err, daemon.Close())
	}
	e.work.Go(e.hear)
	return e, nil
}

func (e *ear) hear() {
	for {
		chunk, release, err := e.recorder.Read()
		if err != nil {
			return
		}
		loud := isLoud(chunk)
		release()
		e.mu.Lock()
		e.loud = e.loud || loud
		e.mu.Unlock()
	}
}

// isLoud says whether a chunk is more than the noise of rounding.
func isLoud(chunk wave.Audio) bool {
	const faint = 1 << 20 // of 31 bits
	for i := range chunk.ChunkInfo().Len {
		if sample := chunk.At(i, 0).Int(); sample > faint || sample < -faint {
			return true
		}
	}
	return false
}

func (e *ear) heard() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.loud
}

func (e *ear) close() error {
	err := e.recorder.Close()
	e.work.Wait()
	return errors.Join(err, e.daemon.Close())
}
