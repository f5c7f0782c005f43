package capture

import (
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestShapeScalesThePicture(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	paint := newPainter(t, server)
	quarters := map[image.Point]uint32{{0, 0}: 0xff0000, {1, 0}: 0x00ff00, {0, 1}: 0x0000ff, {1, 1}: 0xffffff}
	for at, rgb := range quarters {
		corner := image.Pt(160*at.X, 120*at.Y)
		paint.rect(image.Rectangle{corner, corner.Add(image.Pt(160, 120))}, rgb)
	}
	paint.sync()
	screen := open(t, config(server))
	wait(t, read(screen))
	for _, size := range []image.Point{{212, 158}, {160, 120}, {320, 240}, {32, 200}} {
		next := read(screen) // which waits, as the screen is still
		if err := screen.Shape(size.X, size.Y, 240); err != nil {
			t.Fatal(err)
		}
		r := wait(t, next)
		if got := r.image.Bounds(); got != (image.Rectangle{Max: size}) || screen.Size() != size {
			t.Fatalf("the picture is %v, the size %v, want %v", got, screen.Size(), size)
		}
		for at, rgb := range quarters {
			r.colour(t, size.X/4+at.X*size.X/2, size.Y/4+at.Y*size.Y/2, rgb)
		}
	}
}

func TestShapeChangesTheRate(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	paint := newPainter(t, server)
	screen := open(t, config(server))
	wait(t, read(screen))
	for _, rate := range []int{25, 100} {
		if err := screen.Shape(64, 48, rate); err != nil {
			t.Fatal(err)
		}
		wait(t, read(screen)) // the first at that rate
		const n = 10
		start := screen.Captured()
		for i := range n {
			paint.rect(image.Rect(0, 0, 64, 48), uint32(i))
			wait(t, read(screen))
		}
		period := time.Second / time.Duration(rate)
		if took := screen.Captured().Sub(start); took < (n-2)*period {
			t.Errorf("%d pictures at %d a second took %v", n, rate, took)
		}
		if screen.timing.pace.period != period {
			t.Errorf("the pace is one in %v, want one in %v", screen.timing.pace.period, period)
		}
	}
}

func TestShapeRefuses(t *testing.T) {
	screen := open(t, config(xvfbtest.Start(t, 64, 48)))
	for _, c := range []struct {
		width, height, rate int
		want                string
	}{
		{66, 48, 60, "the screen has 64x48"}, {64, 50, 60, "the screen has 64x48"},
		{63, 48, 60, "want even"}, {0, 0, 60, "want even"}, {-2, 48, 60, "want even"},
		{1 << 40, 2, 60, "the screen has"},
		{64, 48, 0, "frame rate 0"}, {64, 48, 241, "frame rate 241"},
	} {
		if err := screen.Shape(c.width, c.height, c.rate); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%dx%d at %d: got %v, want %q", c.width, c.height, c.rate, err, c.want)
		}
	}
	if r := wait(t, read(screen)); r.image.Bounds() != image.Rect(0, 0, 64, 48) {
		t.Errorf("the picture is %v", r.image.Bounds())
	}
}

func TestScaledPictureAllocatesNothing(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	paint := newPainter(t, server)
	screen := open(t, config(server))
	if err := screen.Shape(212, 158, 240); err != nil {
		t.Fatal(err)
	}
	allocatesNothing(t, paint, screen)
}

// The whole way of a picture of 1080p: grab, convert, scale.
func BenchmarkCaptureScaled(b *testing.B) {
	server := xvfbtest.Start(b, 1920, 1080)
	for _, size := range []image.Point{{1920, 1080}, {1600, 900}, {1280, 720}, {960, 540}} {
		b.Run(fmt.Sprintf("%dp", size.Y), func(b *testing.B) {
			cfg := config(server)
			cfg.Settle = -1
			screen := open(b, cfg)
			if err := screen.Shape(size.X, size.Y, maxFrameRate); err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				screen.calls.refresh.Store(true)
				_, release, err := screen.Read()
				if err != nil {
					b.Fatal(err)
				}
				release()
				screen.timing.pace.period = 0 // once it has been set by the shape
			}
		})
	}
}
