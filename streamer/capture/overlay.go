package capture

import (
	"context"
	"image"
	"sync/atomic"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// overlay draws the cursor into the pictures. The server has no event for a
// pointer that moves, so that its place is asked for while it is to be seen.
// All but latest belongs to the goroutine that reads.
type overlay struct {
	watch  *CursorWatch
	latest atomic.Pointer[Cursor]

	query  []byte // QueryPointer
	shown  *Cursor
	at     image.Point // of the screen
	sprite sprite
	shape  *shape // of the pictures that the sprite is for
}

func openOverlay(ctx context.Context, s *Screen, root xproto.Window) (*overlay, error) {
	o := &overlay{query: request(38, 0, 8)}
	xgb.Put32(o.query[4:], uint32(root))
	o.latest.Store(&Cursor{})
	watch, err := WatchCursor(context.WithoutCancel(ctx), s.cfg.Display, s.cfg.Authority, func(c Cursor) {
		o.latest.Store(&c)
		s.wake()
	})
	if err != nil {
		return nil, err
	}
	o.watch = watch
	return o, nil
}

// visible reports whether there is a pointer that can move.
func (o *overlay) visible() bool { return o.latest.Load().Visible }

// look asks where the pointer is, and returns whether a picture would differ
// from the last by it.
func (o *overlay) look(w *wire) (changed bool, err error) {
	latest := o.latest.Load()
	changed = latest != o.shown && (latest.Visible || o.shown != nil && o.shown.Visible)
	if !latest.Visible {
		return changed, nil
	}
	reply, err := w.ask(o.query)
	if err != nil {
		return false, err
	}
	at := image.Pt(int(int16(xgb.Get16(reply[16:]))), int(int16(xgb.Get16(reply[18:]))))
	changed = changed || at != o.at
	o.at = at
	return changed, nil
}

// draw draws what look found.
func (o *overlay) draw(dst *image.YCbCr, screen image.Point, want *shape) {
	if latest := o.latest.Load(); latest != o.shown || want != o.shape {
		o.shown, o.shape = latest, want
		o.sprite = newSprite(*latest, screen, want.size)
	}
	o.sprite.draw(dst, image.Pt(o.at.X*want.size.X/screen.X, o.at.Y*want.size.Y/screen.Y))
}
