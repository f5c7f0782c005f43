package streamer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/window"
	"github.com/playcast/playcast/streamer/xconn"
)

// stage is a running game with its display and sound, the picture of it, and
// the input into it.
//
//	input ─▶ controls ─▶ display ◀─▶ game ─▶ sound ─▶ ears
//	                        ├──▶ picture ─▶ audience
//	                        └──▶ gallery ─▶ audience
type stage struct {
	entry    staged
	display  *game.Display
	windows  *window.Manager
	vigil    vigil
	sound    *sound // nil: the session is silent
	game     *game.Process
	controls *controls
	picture  *picture // the players'
	gallery  *gallery // nil while nobody needs it
	ears     *audience
	cursor   *capture.CursorWatch // nil: the picture shows the pointer
	saves    *keeping
	pads     *pads
}

// staged is a game, and in how many lines at most it is sent; 0: in its own.
type staged struct {
	game.Entry
	lines int
}

// openStage starts the display and the game, reports that, and returns when the
// game draws. Whatever it has started before an error is freed.
func openStage(ctx context.Context, parts Parts, launch game.Launch, lines int, out *outbox) (_ *stage, err error) {
	launcher, entry, log := parts.Launcher, launch.Entry, out.log
	s := &stage{entry: staged{entry, lines}, vigil: vigil{bounds: parts.Hang.orUsual()}, ears: newAudience(func() {})}
	s.saves = keep(ctx, parts.Saves, launchedFor{launch.Player, entry.ID}, out, log)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.display, err = launcher.StartDisplay(ctx, launch.Session, entry.Width, entry.Height); err != nil {
		return nil, fmt.Errorf("start the display: %w", err)
	}
	if s.windows, err = window.Manage(ctx, s.display.Name(), s.display.Authority(), log); err != nil {
		return nil, err
	}
	launch.Display = s.display
	if s.sound, err = openSound(ctx, launcher, launch.Session); err == nil {
		launch.Sound = s.sound.daemon
	} else if ctx.Err() == nil {
		tellSilence(log, err)
	}
	if launch.Home, err = s.saves.await(); err != nil {
		return nil, fmt.Errorf("start the game: %w", err)
	}
	s.pads = openPads(parts, launch, log)
	if s.game, err = launcher.StartGame(s.pads.show(launch, launcher.Sandboxed())); err != nil {
		return nil, fmt.Errorf("start the game: %w", err)
	}
	s.saves.follow()
	out.put(Launched{})
	screen, err := capture.Open(ctx, capture.Config{
		Display: s.display.Name(), Authority: s.display.Authority(),
		Width: entry.Width, Height: entry.Height, FrameRate: entry.FrameRate,
		Cursor: entry.Cursor == game.CursorPicture,
	})
	if err != nil {
		return nil, fmt.Errorf("open the capture: %w", err)
	}
	s.picture = newPicture(screen, parts.Encoders, out.step, log)
	if err = s.awaitDrawing(ctx); err != nil {
		return nil, err
	}
	if s.controls, err = openControls(s.display, parts.Idle, log); err != nil {
		return nil, err
	}
	s.pads.play(s.controls)
	best := adapt.New(s.source()).Present()
	if err := s.picture.start(best.Shape, best.BitRate); err != nil {
		return nil, err
	}
	if err := s.openCursor(ctx, log); err != nil {
		return nil, err
	}
	if s.sound != nil {
		s.sound.start(s.ears, log)
	}
	return s, nil
}

// awaitDrawing returns when the display shows more than one colour.
func (s *stage) awaitDrawing(ctx context.Context) error {
	// Looking returns now and then even while nothing is drawn, so that both
	// ends are noticed.
	for {
		drawn, err := s.picture.look()
		if err != nil {
			return fmt.Errorf("wait for the game to draw: %w", err)
		}
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
		return errLeft
	}
	return err
}

// errLeft is how a game has ended that reports no failure.
var errLeft = errors.New("it left of itself, with status 0 (a game has to stay in the foreground: its first process is the game)")

// openCursor has whoever draws the pointer know how it looks.
func (s *stage) openCursor(ctx context.Context, log *slog.Logger) (err error) {
	if s.entry.Cursor == game.CursorPicture {
		s.picture.audience.point(hiddenCursor)
		return nil
	}
	s.cursor, err = watchCursor(ctx, s.display, s.picture.audience, log)
	return err
}

// galleryBroken is closed when the gallery has lost its picture.
func (s *stage) galleryBroken() <-chan struct{} {
	if s.gallery == nil {
		return nil
	}
	return s.gallery.picture.broken
}

// source is the picture at its best: as the game draws it, or smaller where the
// session's terms say so.
func (s *stage) source() adapt.Source { return s.entry.source() }

func (e staged) source() adapt.Source {
	best := adapt.Source{Width: e.Width, Height: e.Height, FrameRate: e.FrameRate}
	if e.lines > 0 && e.lines < e.Height {
		best.Width, best.Height = e.Width*e.lines/e.Height&^1, e.lines&^1
	}
	return best
}

// drawing reports how the picture is sent.
func (s *stage) drawing() Drawing {
	best := s.source()
	return Drawing{
		Width: best.Width, Height: best.Height, FrameRate: best.FrameRate, Encoder: s.picture.encoding.encoderName(),
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

// runs says whether the game does.
func (s *stage) runs() bool {
	if s.game == nil {
		return false
	}
	select {
	case <-s.game.Done():
		return false
	default:
		return true
	}
}

// close ends the game, frees what there is, and stores the player's saves. An
// error says what is left.
// What speaks to the display comes last: it can wait for that, and that for a
// game which has grabbed it, but for no longer than they live.
func (s *stage) close() error {
	var errs []error
	s.ears.keys.stop()
	if s.gallery != nil {
		errs = append(errs, s.gallery.close())
	}
	if s.picture != nil {
		errs = append(errs, s.picture.close())
	}
	s.saves.settle(s.runs())
	left := true
	if s.game != nil {
		errs = append(errs, s.game.Close())
		left = s.game.Left()
	}
	if s.sound != nil {
		errs = append(errs, s.sound.close())
	}
	if s.display != nil {
		errs = append(errs, s.display.Close())
	}
	if s.windows != nil {
		s.windows.Close()
	}
	if s.controls != nil {
		s.controls.close()
	}
	if s.cursor != nil {
		s.cursor.Close()
	}
	if s.pads != nil {
		errs = append(errs, s.pads.close())
	}
	return errors.Join(append(errs, s.saves.close(left))...)
}
