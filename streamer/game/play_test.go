package game

import (
	"context"
	"image"
	"image/color"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/lab"
	"github.com/playcast/playcast/streamer/xconn"
)

// runLab is what playcast does as "playcast lab".
func runLab() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return lab.Run(ctx, os.Getenv("DISPLAY"), os.Getenv("XAUTHORITY"), lab.Config{})
}

// stage is a game of the bundled catalog that runs, with a hand at its input.
type stage struct {
	entry   Entry
	conn    *xgb.Conn
	hand    *input.Hand
	process *Process
	message input.Message
}

func play(t *testing.T, id events.GameID) *stage {
	t.Helper()
	catalog, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{}
	s.entry, _ = catalog.Find(id)
	s.message.Mode = input.Relative
	l := newLauncher(t, Config{})
	session := events.NewSessionID()
	d := startDisplay(t, l, session, s.entry.Width, s.entry.Height)
	if s.process, err = l.StartGame(Launch{Session: session, Player: "ann", Entry: s.entry, Display: d}); err != nil {
		t.Fatal(err)
	}
	if s.conn, err = xconn.Dial(d.Name(), d.Authority()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.conn.Close)
	in, err := input.Open(d.Name(), d.Authority())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	s.hand = in.Hand(nil)
	return s
}

func (s *stage) grab(t *testing.T) *image.RGBA {
	t.Helper()
	select {
	case <-s.process.Done():
		t.Fatalf("the game ended: %v", s.process.Err())
	default:
	}
	return grab(t, s.conn, s.entry.Width, s.entry.Height)
}

func (s *stage) send(t *testing.T) {
	t.Helper()
	s.message.Sequence++
	data, err := s.message.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.hand.Apply(data); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) hold(t *testing.T, keys ...string) {
	t.Helper()
	s.message.Held = nil
	for _, key := range keys {
		code, ok := input.KeyCode(key)
		if !ok {
			t.Fatalf("no key %s", key)
		}
		s.message.Held = append(s.message.Held, code)
	}
	s.send(t)
}

// The Latency Lab as the catalog starts it: one key, one count.
func TestLatencyLab(t *testing.T) {
	s := play(t, "latency-lab")
	read := func() (lab.Reading, error) {
		img := s.grab(t)
		return lab.Decode(s.entry.Width, s.entry.Height, func(x, y int) byte {
			return color.GrayModel.Convert(img.RGBAAt(x, y)).(color.Gray).Y
		})
	}
	eventually(t, "the strip", func() bool { r, err := read(); return err == nil && r.Inputs == 0 })
	s.hold(t, "KeyA")
	eventually(t, "one input", func() bool { r, err := read(); return err == nil && r.Inputs == 1 })
	if err := s.process.Pause(); err != nil {
		t.Fatal(err)
	}
	var at lab.Reading
	eventually(t, "two frames alike", func() bool {
		r, err := read()
		still := err == nil && r == at
		at = r
		return still
	})
	if err := s.process.Resume(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the next frame", func() bool { r, err := read(); return err == nil && r.Frame > at.Frame })
	if err := s.process.Close(); err != nil {
		t.Error(err)
	}
}

// Freedoom is played: through its menus by the keyboard into a level, where
// the mouse turns the player and W walks.
func TestFreedoomTakesInput(t *testing.T) {
	s := play(t, "freedoom1")
	eventually(t, "the title", func() bool { return filled(s.grab(t)) })
	before := s.grab(t)
	// Each menu is seen before it is left: a key in between would be lost.
	for _, key := range []string{"Escape", "Enter", "Enter", "Enter"} {
		s.hold(t, key)
		eventually(t, "the next picture after "+key, func() bool { return difference(before, s.grab(t)) > 1 })
		s.hold(t)
		before = settled(t, s)
	}
	savePNG(t, "freedoom1-level.png", before)

	s.message.DX += 400
	s.send(t)
	eventually(t, "the view turns", func() bool { return difference(before, s.grab(t)) > 8 })
	turned := settled(t, s)
	savePNG(t, "freedoom1-turned.png", turned)

	s.hold(t, "KeyW")
	eventually(t, "the player walks", func() bool { return difference(turned, s.grab(t)) > 8 })
	s.hold(t)
	savePNG(t, "freedoom1-walked.png", settled(t, s))
}

// settled waits until the picture changes little for a third of a second.
func settled(t *testing.T, s *stage) *image.RGBA {
	t.Helper()
	last, since := s.grab(t), time.Now()
	eventually(t, "the picture settles", func() bool {
		now := s.grab(t)
		if difference(last, now) > 4 {
			last, since = now, time.Now()
		}
		return time.Since(since) > 350*time.Millisecond
	})
	return last
}

// difference is the mean difference of two pictures' green, of 255.
func difference(a, b *image.RGBA) float64 {
	sum, n := 0, 0
	for i := 1; i < len(a.Pix); i += 4 * 7 {
		sum += max(int(a.Pix[i])-int(b.Pix[i]), int(b.Pix[i])-int(a.Pix[i]))
		n++
	}
	return float64(sum) / float64(n)
}
