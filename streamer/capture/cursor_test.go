package capture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/render"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// pointer is a client that sets the cursor of the root window and moves it.
type pointer struct {
	t      testing.TB
	conn   *xgb.Conn
	root   xproto.Window
	format render.Pictformat
}

func newPointer(t testing.TB, server *xvfbtest.Server) *pointer {
	t.Helper()
	conn, err := xconn.Dial(server.Display, server.Authority, "RENDER")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	formats, err := render.QueryPictFormats(conn).Reply()
	if err != nil {
		t.Fatal(err)
	}
	p := &pointer{t: t, conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root}
	for _, f := range formats.Formats {
		if f.Depth == 32 && f.Direct.AlphaMask == 0xff && f.Direct.AlphaShift == 24 && f.Direct.RedShift == 16 {
			p.format = f.Id
		}
	}
	return p
}

// set shows a cursor of premultiplied ARGB.
func (p *pointer) set(size, hot image.Point, argb func(x, y int) uint32) {
	p.t.Helper()
	pixmap, _ := xproto.NewPixmapId(p.conn)
	gc, _ := xproto.NewGcontextId(p.conn)
	picture, _ := render.NewPictureId(p.conn)
	cursor, _ := xproto.NewCursorId(p.conn)
	data := make([]byte, 4*size.X*size.Y)
	for i := range size.X * size.Y {
		xgb.Put32(data[4*i:], argb(i%size.X, i/size.X))
	}
	xproto.CreatePixmap(p.conn, 32, pixmap, xproto.Drawable(p.root), uint16(size.X), uint16(size.Y))
	xproto.CreateGC(p.conn, gc, xproto.Drawable(pixmap), 0, nil)
	xproto.PutImage(p.conn, xproto.ImageFormatZPixmap, xproto.Drawable(pixmap), gc,
		uint16(size.X), uint16(size.Y), 0, 0, 0, 32, data)
	render.CreatePicture(p.conn, picture, xproto.Drawable(pixmap), p.format, 0, nil)
	render.CreateCursor(p.conn, cursor, picture, uint16(hot.X), uint16(hot.Y))
	err := xproto.ChangeWindowAttributesChecked(p.conn, p.root, xproto.CwCursor, []uint32{uint32(cursor)}).Check()
	if err != nil {
		p.t.Fatal(err)
	}
	xproto.FreeCursor(p.conn, cursor)
	xproto.FreePixmap(p.conn, pixmap)
}

func solid(argb uint32) func(x, y int) uint32 { return func(int, int) uint32 { return argb } }

// watch returns a function that waits for a cursor.
func watch(t *testing.T, server *xvfbtest.Server) (*CursorWatch, func(what string, is func(Cursor) bool) Cursor) {
	t.Helper()
	cursors := make(chan Cursor, 100)
	w, err := WatchCursor(t.Context(), server.Display, server.Authority, func(c Cursor) { cursors <- c })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w, func(what string, is func(Cursor) bool) Cursor {
		t.Helper()
		for {
			select {
			case c := <-cursors:
				if is(c) {
					return c
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("no %s came", what)
			}
		}
	}
}

func TestWatchCursor(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	p := newPointer(t, server)
	p.set(image.Pt(24, 16), image.Pt(5, 3), func(x, y int) uint32 {
		switch {
		case x < 8:
			return 0xffff8000
		case x < 16:
			return 0x80402000 // half of 80, 40, 00
		}
		return 0
	})
	w, await := watch(t, server)
	shown := func(c Cursor) bool { return c.Visible && c.Image.Rect.Dx() == 24 }
	first := await("cursor", shown)
	if first.HotX != 5 || first.HotY != 3 || first.Image.Rect != image.Rect(0, 0, 24, 16) {
		t.Errorf("it points with %d,%d of %v", first.HotX, first.HotY, first.Image.Rect)
	}
	for x, want := range map[int]color.NRGBA{0: {0xff, 0x80, 0, 0xff}, 8: {0x80, 0x40, 0, 0x80}, 16: {}} {
		if got := first.Image.NRGBAAt(x, 15); got != want {
			t.Errorf("pixel %d is %v, want %v", x, got, want)
		}
	}

	hidden := func(c Cursor) bool { return !c.Visible && c.Image == nil }
	p.set(image.Pt(16, 16), image.Point{}, solid(0))
	await("transparent cursor", hidden)
	p.set(image.Pt(32, 32), image.Pt(31, 31), solid(0xff00ff00))
	again := await("new cursor", func(c Cursor) bool { return c.Visible })
	if again.Serial == first.Serial || again.HotX != 31 {
		t.Errorf("it has serial %d after %d and points with %d", again.Serial, first.Serial, again.HotX)
	}
	p.set(image.Pt(1, 1), image.Point{}, solid(0xffffffff))
	await("cursor of a pixel", hidden)
	p.set(image.Pt(300, 150), image.Pt(299, 100), solid(0xff0000ff))
	large := await("large cursor", func(c Cursor) bool { return c.Visible })
	if large.Image.Rect != image.Rect(0, 0, 100, 50) || large.HotX != 99 || large.HotY != 33 {
		t.Errorf("it is %v and points with %d,%d", large.Image.Rect, large.HotX, large.HotY)
	}
	w.Close()
	w.Close()
}

// TestCursorsWithoutEnd changes the cursor as fast as the server takes it.
func TestCursorsWithoutEnd(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	p := newPointer(t, server)
	told := 0
	began := time.Now()
	w, err := WatchCursor(t.Context(), server.Display, server.Authority, func(Cursor) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		p.set(image.Pt(16, 16), image.Pt(0, 0), solid(0xff000000+uint32(i)))
	}
	w.Close()
	if most := 2 + int(time.Since(began)/cursorEvery); told == 0 || told > most {
		t.Errorf("%d cursors were told of in %v", told, time.Since(began))
	}
}

func FuzzReadCursor(f *testing.F) {
	reply := func(width, height, hotX, hotY uint16, pixels ...byte) []byte {
		data := append(make([]byte, 32), pixels...)
		for i, v := range []uint16{width, height, hotX, hotY} {
			xgb.Put16(data[12+2*i:], v)
		}
		return data
	}
	f.Add(reply(0, 0, 0, 0))
	f.Add(reply(2, 2, 0, 0))
	f.Add(reply(65535, 65535, 1, 1, 1, 2, 3, 4))
	f.Add(reply(2, 1, 9, 9, 255, 255, 255, 1, 255, 255, 255, 1))
	f.Add(reply(1, 300, 9, 299, bytes.Repeat([]byte{1}, 1200)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 32 {
			return
		}
		got := readCursor(data)
		if got.Visible != (got.Image != nil) {
			t.Fatalf("visible %v with the image %v", got.Visible, got.Image)
		}
		if !got.Visible {
			return
		}
		if size := got.Image.Rect.Max; size.X > MaxCursor || size.Y > MaxCursor || !image.Pt(got.HotX, got.HotY).In(got.Image.Rect) {
			t.Errorf("%v points with %d,%d", size, got.HotX, got.HotY)
		}
	})
}

// A server that hangs or dies, and a context that ends, end the watch.
func TestWatchCursorEnds(t *testing.T) {
	for name, end := range map[string]func(*xvfbtest.Server, context.CancelFunc){
		"killed":  func(s *xvfbtest.Server, _ context.CancelFunc) { s.Kill() },
		"hanging": func(s *xvfbtest.Server, _ context.CancelFunc) { _ = s.Signal(syscall.SIGSTOP) },
		"context": func(_ *xvfbtest.Server, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			server := xvfbtest.Start(t, 64, 48)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := WatchCursor(ctx, server.Display, server.Authority, func(Cursor) {})
			if err != nil {
				t.Fatal(err)
			}
			end(server, cancel)
			if name != "hanging" {
				w.follow.Wait()
			}
			w.Close()
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := WatchCursor(ctx, ":64998", "", func(Cursor) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := WatchCursor(t.Context(), ":64998", "", func(Cursor) {}); err == nil {
		t.Error("watches a display that is not there")
	}
}
