package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pion/mediadevices/pkg/prop"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is for a capture of the whole screen that delivers nothing by itself.
func config(server *xvfbtest.Server) Config {
	return Config{Display: server.Display, Authority: server.Authority, FrameRate: 240, Keepalive: time.Hour}
}

func open(t testing.TB, cfg Config) *Screen {
	t.Helper()
	screen, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := screen.Close(); err != nil {
			t.Error(err)
		}
	})
	return screen
}

// result is what Read returned.
type result struct {
	image image.Image
	err   error
}

// read reads in the background, and gives up on a picture after a while.
func read(screen *Screen) <-chan result {
	ch := make(chan result, 1)
	go func() {
		img, _, err := screen.Read()
		ch <- result{img, err}
	}()
	return ch
}

func (r result) colour(t *testing.T, x, y int, rgb uint32) {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	img := r.image.(*image.YCbCr)
	wantY, wantCb, wantCr := reference(float64(rgb>>16), float64(rgb>>8&0xff), float64(rgb&0xff))
	at := img.YCbCrAt(x, y)
	if !near(at.Y, wantY) || !near(at.Cb, wantCb) || !near(at.Cr, wantCr) {
		t.Errorf("at %d,%d: %v, want %.1f %.1f %.1f", x, y, at, wantY, wantCb, wantCr)
	}
}

func wait(t *testing.T, ch <-chan result) result {
	t.Helper()
	select {
	case r := <-ch:
		return r
	case <-time.After(20 * time.Second):
		t.Fatal("no picture came")
		return result{}
	}
}

func TestColoursAndDamage(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	paint := newPainter(t, server)
	colours := []uint32{0xff0000, 0x00ff00, 0x0000ff, 0xffffff, 0x000000, 0x123456, 0xfedcba}
	for i, rgb := range colours {
		paint.rect(image.Rect(40*i, 0, 40*i+40, 120), rgb)
	}
	paint.sync()
	cfg := config(server)
	cfg.Width, cfg.Height = 300, 200
	screen := open(t, cfg)
	if screen.Size() != image.Pt(300, 200) {
		t.Errorf("size is %v", screen.Size())
	}
	before := time.Now()
	first := wait(t, read(screen))
	for i, rgb := range colours {
		first.colour(t, 40*i, 0, rgb)
		first.colour(t, 40*i+39, 119, rgb)
	}
	if got := first.image.Bounds(); got != image.Rect(0, 0, 300, 200) {
		t.Errorf("bounds are %v", got)
	}
	if at := screen.Captured(); at.Before(before) || at.After(time.Now()) {
		t.Errorf("captured at %v, not between %v and now", at, before)
	}

	// Each change leads to a picture that shows it, and to nothing else.
	for i, rgb := range colours {
		next := read(screen)
		paint.rect(image.Rect(0, 0, 320, 240), rgb)
		wait(t, next).colour(t, 10*i, 10*i, rgb)
	}
}

func TestStillScreenIsRepeatedRarely(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	cfg := config(server)
	cfg.Keepalive = 80 * time.Millisecond
	screen := open(t, cfg)
	wait(t, read(screen))
	last := screen.Captured()
	for i := range 6 {
		if r := wait(t, read(screen)); r.err != nil {
			t.Fatal(r.err)
		}
		if gap := screen.Captured().Sub(last); gap < min(cfg.Keepalive<<i/repeats, cfg.Keepalive) {
			t.Errorf("a still picture again after %v", gap)
		}
		last = screen.Captured()
	}
}

func TestFrameRateIsACap(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	paint := newPainter(t, server)
	cfg := config(server)
	cfg.FrameRate = 50
	screen := open(t, cfg)
	const n = 25
	start := time.Now()
	for i := range n { // there is always something new
		paint.rect(image.Rect(0, 0, 64, 48), uint32(i))
		if r := wait(t, read(screen)); r.err != nil {
			t.Fatal(r.err)
		}
	}
	if took, least := time.Since(start), (n-2)*time.Second/50; took < least {
		t.Errorf("%d pictures took %v, want %v or more", n, took, least)
	}
}

func TestRefreshOfAStillScreen(t *testing.T) {
	screen := open(t, config(xvfbtest.Start(t, 64, 48)))
	wait(t, read(screen))
	for range 20 {
		next := read(screen)
		screen.Refresh()
		if r := wait(t, next); r.err != nil {
			t.Fatal(r.err)
		}
	}
}

func TestCloseEndsRead(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	screen := open(t, config(server))
	wait(t, read(screen))
	next := read(screen)
	for range 2 {
		if err := screen.Close(); err != nil {
			t.Error(err)
		}
	}
	if r := wait(t, next); r.err != io.EOF {
		t.Errorf("waiting Read: got %v, want EOF", r.err)
	}
	if r := wait(t, read(screen)); r.err != io.EOF {
		t.Errorf("later Read: got %v, want EOF", r.err)
	}
	screen.Refresh()
	noSegments(t)
}

func TestServerDies(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	screen := open(t, config(server))
	wait(t, read(screen))
	if got := segments(t); got != 1 {
		t.Errorf("%d segments while open, want one", got)
	}
	next := read(screen)
	server.Kill()
	if r := wait(t, next); !errors.Is(r.err, ErrLost) || !strings.Contains(r.err.Error(), server.Display) {
		t.Errorf("got %v, want %v with the display", r.err, ErrLost)
	}
	if r := wait(t, read(screen)); r.err == nil || r.err == io.EOF {
		t.Errorf("again: got %v", r.err)
	}
	if err := screen.Close(); err != nil {
		t.Error(err)
	}
	noSegments(t)
}

// A server that hangs must not make Close hang.
func TestCloseWhileServerHangs(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	screen := open(t, config(server))
	wait(t, read(screen))
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	screen.Refresh()
	next := read(screen)
	screen.Close()
	if r := wait(t, next); r.err != io.EOF {
		t.Errorf("got %v, want EOF", r.err)
	}
}

func TestOpenRefuses(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no display", func(c *Config) { c.Display = ":64998" }, ":64998"},
		{"no authority", func(c *Config) { c.Authority = "" }, "refused"},
		{"odd width", func(c *Config) { c.Width, c.Height = 63, 48 }, "63x48: want even"},
		{"negative", func(c *Config) { c.Width, c.Height = -2, 48 }, "want even"},
		{"only one", func(c *Config) { c.Width = 32 }, "32x0"},
		{"too large", func(c *Config) { c.Width, c.Height = 66, 48 }, "the screen has 64x48"},
		{"no frame rate", func(c *Config) { c.FrameRate = 0 }, "frame rate 0"},
		{"absurd frame rate", func(c *Config) { c.FrameRate = 1e9 }, "frame rate 1000000000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(server)
			c.change(&cfg)
			screen, err := Open(context.Background(), cfg)
			if err == nil {
				screen.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, config(server)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	noSegments(t)
}

func TestDriver(t *testing.T) {
	device := NewDriver(config(xvfbtest.Start(t, 64, 48)))
	if _, err := device.VideoRecord(prop.Media{}); err == nil {
		t.Error("a closed device records")
	}
	for range 2 { // it can be opened again
		if err := device.Open(); err != nil {
			t.Fatal(err)
		}
		modes := device.Properties()
		if len(modes) != 1 || modes[0].Width != 64 || modes[0].Height != 48 || modes[0].FrameRate != 240 {
			t.Errorf("properties are %+v", modes)
		}
		if _, err := device.VideoRecord(prop.Media{Video: prop.Video{Width: 10, Height: 10}}); err == nil {
			t.Error("records a size that it does not have")
		}
		reader, err := device.VideoRecord(modes[0])
		if err != nil {
			t.Fatal(err)
		}
		_, release, err := reader.Read()
		if err != nil {
			t.Fatal(err)
		}
		release()
		if err := device.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPictureAllocatesNothing(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	allocatesNothing(t, newPainter(t, server), open(t, config(server)))
}

// allocatesNothing reads pictures of a screen on which there is always
// something new.
func allocatesNothing(t *testing.T, paint *painter, screen *Screen) {
	t.Helper()
	colour := uint32(0)
	allocs := testing.AllocsPerRun(100, func() {
		colour++
		paint.rect(image.Rect(0, 0, 320, 240), colour)
		_, release, err := screen.Read()
		if err != nil {
			t.Fatal(err)
		}
		release()
		release() // a second one is harmless
	})
	if allocs != 0 {
		t.Errorf("%v allocations a picture", allocs)
	}
}

// segments counts the pieces of shared memory that this process has mapped.
func segments(t *testing.T) int {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(maps), "/memfd:playcast-picture")
}

// noSegments wants all of them to be let go: none has a name by which it could
// outlive us.
func noSegments(t *testing.T) {
	t.Helper()
	if left := segments(t); left != 0 {
		t.Errorf("%d pieces of shared memory are left behind", left)
	}
}

func BenchmarkCapture(b *testing.B) {
	for _, size := range []image.Point{{1280, 720}, {1920, 1080}} {
		b.Run(fmt.Sprintf("%dp", size.Y), func(b *testing.B) {
			server := xvfbtest.Start(b, size.X, size.Y)
			cfg := config(server)
			cfg.Settle = -1
			screen := open(b, cfg)
			screen.timing.pace.period = 0
			b.ReportAllocs()
			for b.Loop() {
				screen.calls.refresh.Store(true)
				_, release, err := screen.Read()
				if err != nil {
					b.Fatal(err)
				}
				release()
			}
		})
	}
}
