package streamer

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/capture"
)

// toldCursor is what a page is told of the pointer.
type toldCursor struct {
	Type       string
	Visible    bool
	HotX, HotY int
	PNG        []byte
}

// cursor waits until the page is told of the pointer.
func (b *browser) cursor(t *testing.T) (c toldCursor) {
	t.Helper()
	for text := soon(t, "cursor", b.told); ; text = soon(t, "cursor", b.told) {
		if strings.Contains(text, `"cursor"`) {
			must(t, json.Unmarshal([]byte(text), &c))
			return c
		}
	}
}

func TestCursor(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	if c := b.cursor(t); c.Visible {
		t.Errorf("the lab hides the pointer, and the page is told %+v", c)
	}
	h.screen(t, session).arrow(t)
	arrow := b.cursor(t)
	img, err := png.Decode(bytes.NewReader(arrow.PNG))
	if err != nil || !arrow.Visible {
		t.Fatalf("the page is told %+v: %v", arrow, err)
	}
	if size := img.Bounds().Size(); !image.Pt(arrow.HotX, arrow.HotY).In(img.Bounds()) || size.X < 4 {
		t.Errorf("the pointer of %v points at %d,%d", size, arrow.HotX, arrow.HotY)
	}
	// Who connects later is told the latest.
	if c := h.join(t, session).cursor(t); !bytes.Equal(c.PNG, arrow.PNG) {
		t.Errorf("who connects later is told %+v", c)
	}
}

// Where the picture shows the pointer, the page is to show none, whatever it
// looks like.
func TestCursorInPicture(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "points")
	h.screen(t, session).arrow(t)
	if c := h.join(t, session).cursor(t); c.Visible {
		t.Errorf("the page is told %+v", c)
	}
	if h.worker.slot(session).stage.cursor != nil {
		t.Error("the pointer is watched")
	}
}

// arrow puts a window over all, with a pointer that can be seen.
func (s *screen) arrow(t *testing.T) {
	t.Helper()
	screen := xproto.Setup(s.conn).DefaultScreen(s.conn)
	font, err := xproto.NewFontId(s.conn)
	must(t, err)
	cursor, err := xproto.NewCursorId(s.conn)
	must(t, err)
	window, err := xproto.NewWindowId(s.conn)
	must(t, err)
	const name, leftPointer = "cursor", 68
	must(t, xproto.OpenFontChecked(s.conn, font, uint16(len(name)), name).Check())
	must(t, xproto.CreateGlyphCursorChecked(s.conn, cursor, font, font, leftPointer, leftPointer+1,
		0, 0, 0, 0xffff, 0xffff, 0xffff).Check())
	must(t, xproto.CreateWindowChecked(s.conn, screen.RootDepth, window, screen.Root, 0, 0,
		screen.WidthInPixels, screen.HeightInPixels, 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwOverrideRedirect|xproto.CwCursor, []uint32{1, uint32(cursor)}).Check())
	must(t, xproto.MapWindowChecked(s.conn, window).Check())
}

func TestCursorText(t *testing.T) {
	small := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	small.SetNRGBA(1, 0, color.NRGBA{R: 10, G: 20, B: 30, A: 128})
	text, err := cursorText(capture.Cursor{Visible: true, HotX: 1, HotY: 0, Image: small})
	must(t, err)
	var c toldCursor
	must(t, json.Unmarshal([]byte(text), &c))
	img, err := png.Decode(bytes.NewReader(c.PNG))
	must(t, err)
	if got := color.NRGBAModel.Convert(img.At(1, 0)); c.Type != "cursor" || !c.Visible || c.HotX != 1 || got != small.At(1, 0) {
		t.Errorf("told is %+v, with %v", c, got)
	}
	if text, err = cursorText(capture.Cursor{}); err != nil || text != `{"type":"cursor","visible":false}` {
		t.Errorf("told of a hidden pointer is %q, %v", text, err)
	}
	noise := image.NewNRGBA(image.Rect(0, 0, 128, 128))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.Uint32())
	}
	if _, err = cursorText(capture.Cursor{Visible: true, Image: noise}); err == nil {
		t.Error("told of noise is more than a page takes")
	}
}
