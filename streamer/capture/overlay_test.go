package capture

import (
	"errors"
	"image"
	"math"
	"testing"

	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func (p *pointer) move(x, y int) {
	p.t.Helper()
	if err := xproto.WarpPointerChecked(p.conn, 0, p.root, 0, 0, 0, 0, int16(x), int16(y)).Check(); err != nil {
		p.t.Fatal(err)
	}
}

// until reads pictures up to one that has a colour at a place.
func until(t *testing.T, screen *Screen, x, y int, rgb uint32) *image.YCbCr {
	t.Helper()
	wantY, wantCb, wantCr := reference(float64(rgb>>16), float64(rgb>>8&0xff), float64(rgb&0xff))
	for {
		r := wait(t, read(screen))
		if r.err != nil {
			t.Fatal(r.err)
		}
		img := r.image.(*image.YCbCr)
		if at := img.YCbCrAt(x, y); near(at.Y, wantY) && near(at.Cb, wantCb) && near(at.Cr, wantCr) {
			return img
		}
	}
}

func TestCursorInPicture(t *testing.T) {
	const background, shown = 0x204060, 0xff8000
	server := xvfbtest.Start(t, 320, 240)
	paint := newPainter(t, server)
	paint.rect(image.Rect(0, 0, 320, 240), background)
	p := newPointer(t, server)
	p.set(image.Pt(24, 24), image.Pt(12, 12), solid(0xff000000|shown))
	p.move(100, 100)
	cfg := config(server)
	cfg.Cursor = true
	screen := open(t, cfg)
	wait(t, read(screen))

	// It follows the pointer on a screen that is still otherwise.
	for _, at := range []image.Point{{100, 100}, {101, 51}, {0, 0}, {319, 239}, {200, 120}} {
		p.move(at.X, at.Y)
		img := until(t, screen, at.X&^1, at.Y&^1, shown)
		if beside := (at.Add(image.Pt(20, 20))); beside.In(img.Rect) {
			result{image: img}.colour(t, beside.X, beside.Y, background)
		}
	}
	if err := screen.Shape(160, 120, 240); err != nil {
		t.Fatal(err)
	}
	img := until(t, screen, 100, 60, shown)
	for img.Rect.Dx() != 160 {
		img = until(t, screen, 100, 60, shown)
	}
	result{image: img}.colour(t, 104, 64, shown)
	result{image: img}.colour(t, 108, 68, background)

	p.set(image.Pt(1, 1), image.Point{}, solid(0))
	until(t, screen, 100, 60, background)
}

func TestCursorInPictureAllocatesNothing(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	paint := newPainter(t, server)
	newPointer(t, server).set(image.Pt(24, 24), image.Pt(12, 12), solid(0xffffffff))
	cfg := config(server)
	cfg.Cursor = true
	screen := open(t, cfg)
	until(t, screen, 160, 120, 0xffffff)
	allocatesNothing(t, paint, screen)
}

func TestServerDiesWithCursorInPicture(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	newPointer(t, server).set(image.Pt(8, 8), image.Pt(4, 4), solid(0xffffffff))
	cfg := config(server)
	cfg.Cursor = true
	screen := open(t, cfg)
	until(t, screen, 32, 24, 0xffffff)
	next := read(screen)
	server.Kill()
	if r := wait(t, next); !errors.Is(r.err, ErrLost) {
		t.Errorf("got %v, want %v", r.err, ErrLost)
	}
}

// Blending in the picture's colours comes to what blending in the screen's
// does, at any place. In chroma that is so where four pixels are as opaque as
// each other: their colours are blended by their means.
func TestSpriteMatchesReference(t *testing.T) {
	const size = 12
	screen := image.Rect(0, 0, 32, 32)
	for _, alpha := range []int{-1, 0, 1, 128, 255} { // -1: each pixel another
		cursor := Cursor{Visible: true, HotX: 3, HotY: 2, Image: image.NewNRGBA(image.Rect(0, 0, size, size))}
		copy(cursor.Image.Pix, noise(4*size*size))
		for i := 3; alpha >= 0 && i < len(cursor.Image.Pix); i += 4 {
			cursor.Image.Pix[i] = byte(alpha)
		}
		sprite := newSprite(cursor, screen.Max, screen.Max)
		for _, at := range []image.Point{{10, 10}, {11, 10}, {10, 13}, {15, 15}, {0, 0}, {31, 31}, {-20, 5}, {3, 50}} {
			pixels := noise(4 * 32 * 32)
			got, want := image.NewYCbCr(screen, image.YCbCrSubsampleRatio420), image.NewYCbCr(screen, image.YCbCrSubsampleRatio420)
			convert(got, pixels, 4*32)
			sprite.draw(got, at)
			blend(pixels, cursor.Image, at.Sub(image.Pt(3, 2)))
			convert(want, pixels, 4*32)
			sameWithin(t, got.Y, want.Y)
			// The edge of the cursor lies within four pixels where it is odd.
			if whole := (at.X-3)%2 == 0 && at.Y%2 == 0; alpha >= 0 && whole {
				sameWithin(t, got.Cb, want.Cb)
				sameWithin(t, got.Cr, want.Cr)
			}
		}
	}
}

// blend draws an image over BGRX pixels, 32 a row.
func blend(pixels []byte, over *image.NRGBA, corner image.Point) {
	for y := range over.Rect.Dy() {
		for x := range over.Rect.Dx() {
			p := corner.Add(image.Pt(x, y))
			if !p.In(image.Rect(0, 0, 32, 32)) {
				continue
			}
			c, pixel := over.NRGBAAt(x, y), pixels[4*(32*p.Y+p.X):]
			for i, v := range []byte{c.B, c.G, c.R} {
				pixel[i] = byte(math.Round((float64(v)*float64(c.A) + float64(pixel[i])*float64(255-c.A)) / 255))
			}
		}
	}
}

func sameWithin(t *testing.T, got, want []byte) {
	t.Helper()
	for i := range got {
		if d := int(got[i]) - int(want[i]); d < -2 || d > 2 {
			t.Fatalf("sample %d is %d, want %d", i, got[i], want[i])
		}
	}
}
