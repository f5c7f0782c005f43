package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"

	"github.com/playcast/playcast/streamer/xconn"
)

// MaxCursor is the size of the largest cursor image, each way. Browsers show no
// larger ones either.
const MaxCursor = 128

// Cursor is what the pointer looks like. One that the game has hidden, by an
// image of a single or of transparent pixels only, has no Image.
type Cursor struct {
	Visible    bool
	HotX, HotY int          // the pixel of Image that points
	Image      *image.NRGBA // at 0,0; not to be changed. Up to MaxCursor each way
	Serial     uint32       // the server's, of this image
}

// The requests of XFIXES that are sent, by their numbers.
const fixesSelectCursor, fixesGetCursor = 3, 4

// CursorWatch follows the cursor of a display, over a connection of its own.
type CursorWatch struct {
	wire   *wire
	fixes  byte // major opcode
	stop   func() bool
	closed chan struct{}
	follow sync.WaitGroup
}

// cursorEvery is the least time between two cursors. A game can change its own
// without end, and what that takes here no limit of the game's bounds.
const cursorEvery = 20 * time.Millisecond

// WatchCursor calls changed with the cursor of the display and then with each
// new one, in order, in one goroutine; where they change faster than changed
// returns, some are left out. That ends with Close, with ctx, or silently with
// the display. The caller closes the watch, though not within changed.
func WatchCursor(ctx context.Context, display, authority string, changed func(Cursor)) (*CursorWatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, setup, err := dialWire(display, authority)
	if err != nil {
		return nil, err
	}
	c := &CursorWatch{wire: w, closed: make(chan struct{})}
	c.stop = context.AfterFunc(ctx, c.end)
	if err := c.ask(uint32(setup.Roots[0].Root)); err != nil {
		c.Close()
		return nil, fmt.Errorf("watch the cursor of display %s: %w", display, err)
	}
	c.follow.Go(func() { c.tell(changed) })
	return c, nil
}

// Close ends the watch: changed is not called after it. A second Close does
// nothing.
func (c *CursorWatch) Close() {
	if c.stop() {
		c.end()
	}
	c.follow.Wait()
}

// end is called once.
func (c *CursorWatch) end() {
	close(c.closed)
	c.wire.conn.Close()
}

// ask has the server tell of changes.
func (c *CursorWatch) ask(root uint32) error {
	major, event, err := c.wire.extension(xconn.Fixes, 4, 0)
	if err != nil {
		return err
	}
	c.fixes, c.wire.notify = major, event+xfixes.CursorNotify
	req := request(major, fixesSelectCursor, 12)
	xgb.Put32(req[4:], root)
	xgb.Put32(req[8:], xfixes.CursorNotifyMaskDisplayCursor)
	return c.wire.send(req, 1)
}

// tell is a goroutine's whole life.
func (c *CursorWatch) tell(changed func(Cursor)) {
	for {
		cursor, err := c.get()
		if err != nil {
			return
		}
		changed(cursor)
		select {
		case <-time.After(cursorEvery):
		case <-c.closed:
			return
		}
		if err := c.wire.conn.SetReadDeadline(time.Time{}); err != nil {
			return
		}
		for !c.wire.noticed {
			if _, err := c.wire.next(); err != nil {
				return
			}
		}
	}
}

// get fetches the cursor. As long as nobody has set one the server refuses,
// and there is none.
func (c *CursorWatch) get() (Cursor, error) {
	c.wire.noticed = false // what changes from here on may not be in the reply
	head, err := c.wire.ask(request(c.fixes, fixesGetCursor, 4))
	if none := (*refusal)(nil); errors.As(err, &none) {
		return Cursor{}, nil
	}
	if err != nil {
		return Cursor{}, err
	}
	size := 4 * int64(xgb.Get32(head[4:]))
	if size > maxCursorReply {
		return Cursor{}, errCursorSize
	}
	reply := make([]byte, 32+size)
	copy(reply, head)
	if _, err := io.ReadFull(c.wire.in, reply[32:]); err != nil {
		return Cursor{}, err
	}
	return readCursor(reply), nil
}

// maxCursorReply is far over any cursor's, in bytes.
const maxCursorReply = 64 << 20

var errCursorSize = errors.New("a cursor too large to be one")

// readCursor reads a reply to GetCursorImage (XFIXES 5.0, section 7), of at
// least 32 bytes, and makes straight colours of the premultiplied ones. What is
// too large it shrinks by a whole factor.
func readCursor(reply []byte) Cursor {
	cursor := Cursor{Serial: xgb.Get32(reply[20:])}
	width, height := int(xgb.Get16(reply[12:])), int(xgb.Get16(reply[14:]))
	pixels := reply[32:]
	if width*height <= 1 || len(pixels) < 4*width*height {
		return cursor
	}
	factor := (max(width, height) + MaxCursor - 1) / MaxCursor
	img := image.NewNRGBA(image.Rect(0, 0, max(width/factor, 1), max(height/factor, 1)))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if straighten(img.Pix[img.PixOffset(x, y):], xgb.Get32(pixels[4*(y*factor*width+x*factor):])) {
				cursor.Visible = true
			}
		}
	}
	if cursor.Visible {
		cursor.Image = img
		cursor.HotX = min(int(xgb.Get16(reply[16:]))/factor, img.Rect.Dx()-1)
		cursor.HotY = min(int(xgb.Get16(reply[18:]))/factor, img.Rect.Dy()-1)
	}
	return cursor
}

// straighten makes a pixel of a premultiplied one. It returns whether that is
// to be seen.
func straighten(pixel []byte, argb uint32) bool {
	alpha := argb >> 24
	if alpha == 0 {
		return false
	}
	for i := range 3 {
		pixel[i] = byte(min((argb>>(16-8*i)&0xff*255+alpha/2)/alpha, 255))
	}
	pixel[3] = byte(alpha)
	return true
}
