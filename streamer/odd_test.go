package streamer

import (
	"fmt"
	"image"
	"os"
	"os/exec"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// Games that behave as none should are refused with their cause, or played.
func TestOddGames(t *testing.T) {
	t.Run("one that leaves at once", func(t *testing.T) {
		h := newHouse(t)
		session := h.allocate(t, "leaves")
		report[Launched](t, h.reports, session)
		h.over(t, session, Broken{Cause: events.FailedLaunch, Detail: "ended before it drew anything"})
	})
	t.Run("one that goes to the background", func(t *testing.T) {
		h := newHouse(t)
		session := h.allocate(t, "forks")
		report[Launched](t, h.reports, session)
		h.over(t, session, Broken{Cause: events.FailedLaunch, Detail: "a game has to stay in the foreground"})
	})
	t.Run("one that opens a second window", func(t *testing.T) {
		h := newHouse(t)
		session := h.draw(t, "twice")
		h.join(t, session).frame(t)
		if seen := h.worker.slot(session).stage.windows.Seen(); seen.Windows != 2 {
			t.Errorf("seen is %+v", seen)
		}
	})
	t.Run("one that changes the resolution", func(t *testing.T) {
		h := newHouse(t)
		session := h.draw(t, "resizes")
		b := h.join(t, session)
		for range 10 {
			b.frame(t)
		}
		h.reports.none(t)
	})
}

// playFork leaves a game in the background.
func playFork() int {
	child := exec.Command(os.Args[0], "draws")
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// playTwice opens a game's window and another over it.
func playTwice() int { return play(twoWindows) }

func twoWindows(conn *xgb.Conn) error {
	for _, size := range []image.Point{{640, 360}, {200, 100}} {
		id, err := openWindow(conn, size)
		if err != nil {
			return err
		}
		if err := showStripe(conn, id); err != nil {
			return err
		}
	}
	return nil
}

// playResize shrinks the screen, as games of old do.
func playResize() int {
	return play(func(conn *xgb.Conn) error {
		if err := twoWindows(conn); err != nil {
			return err
		}
		if err := xvfbtest.Shrink(conn, 320, 180); err != nil {
			return err
		}
		return redraw(conn)
	})
}

// redraw draws a window's stripe again whenever it is asked to, as it is when
// the screen has changed.
func redraw(conn *xgb.Conn) error {
	gc, err := xproto.NewGcontextId(conn)
	if err != nil {
		return err
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	xproto.CreateGC(conn, gc, xproto.Drawable(root), xproto.GcForeground, []uint32{0xffffff})
	for {
		event, xerr := conn.WaitForEvent()
		if event == nil && xerr == nil {
			return nil // the display has gone
		}
		if expose, is := event.(xproto.ExposeEvent); is {
			xproto.PolyFillRectangle(conn, xproto.Drawable(expose.Window), gc, []xproto.Rectangle{{X: 0, Y: 50, Width: 2000, Height: 100}})
		}
	}
}

// play does something on the display, and then nothing.
func play(do func(*xgb.Conn) error) int {
	conn, err := xconn.Dial(os.Getenv("DISPLAY"), os.Getenv("XAUTHORITY"), xconn.RandR)
	if err == nil {
		err = do(conn)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return playBlank()
}

// openWindow makes a window that showStripe shows.
func openWindow(conn *xgb.Conn, size image.Point) (xproto.Window, error) {
	id, err := xproto.NewWindowId(conn)
	if err != nil {
		return 0, err
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	return id, xproto.CreateWindowChecked(conn, 0, id, root, 0, 0, uint16(size.X), uint16(size.Y), 0,
		xproto.WindowClassInputOutput, 0, xproto.CwBackPixel|xproto.CwEventMask, []uint32{0x336699, xproto.EventMaskExposure}).Check()
}

// showStripe maps a window, and draws a white stripe into it once it is seen.
func showStripe(conn *xgb.Conn, id xproto.Window) error {
	gc, err := xproto.NewGcontextId(conn)
	if err != nil {
		return err
	}
	xproto.CreateGC(conn, gc, xproto.Drawable(id), xproto.GcForeground, []uint32{0xffffff})
	xproto.MapWindow(conn, id)
	for {
		event, xerr := conn.WaitForEvent()
		if xerr != nil {
			return xerr
		}
		if expose, is := event.(xproto.ExposeEvent); event == nil || is && expose.Window == id {
			break
		}
	}
	return xproto.PolyFillRectangleChecked(conn, xproto.Drawable(id), gc, []xproto.Rectangle{{X: 0, Y: 50, Width: 2000, Height: 100}}).Check()
}
