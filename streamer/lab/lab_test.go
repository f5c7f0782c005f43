package lab

import (
	"context"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// player watches a lab on a display of its own, and plays it.
type player struct {
	server  *xvfbtest.Server
	conn    *xgb.Conn
	hand    *input.Hand
	message input.Message
	ended   chan error
	stop    context.CancelFunc
}

func startLab(t *testing.T, width, height int) *player {
	t.Helper()
	p := &player{server: xvfbtest.Start(t, width, height), ended: make(chan error, 1)}
	var err error
	if p.conn, err = xconn.Dial(p.server.Display, p.server.Authority); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.conn.Close)
	in, err := input.Open(p.server.Display, p.server.Authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	p.hand = in.Hand(nil)
	ctx, stop := context.WithCancel(t.Context())
	p.stop = stop
	p.message.Mode = input.Relative
	go func() { p.ended <- Run(ctx, p.server.Display, p.server.Authority, Config{}) }()
	t.Cleanup(stop)
	p.await(t, "the first frame", func(r Reading) bool { return r.Frame > 0 })
	return p
}

// grab reads the screen.
func (p *player) grab(t *testing.T) *image.RGBA {
	t.Helper()
	screen := xproto.Setup(p.conn).DefaultScreen(p.conn)
	width, height := int(screen.WidthInPixels), int(screen.HeightInPixels)
	reply, err := xproto.GetImage(p.conn, xproto.ImageFormatZPixmap, xproto.Drawable(screen.Root),
		0, 0, uint16(width), uint16(height), ^uint32(0)).Reply()
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(reply.Data); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = reply.Data[i+2], reply.Data[i+1], reply.Data[i], 255
	}
	return img
}

func (p *player) read(t *testing.T) (Reading, error) {
	img := p.grab(t)
	b := img.Bounds()
	return Decode(b.Dx(), b.Dy(), func(x, y int) byte {
		return color.GrayModel.Convert(img.RGBAAt(x, y)).(color.Gray).Y
	})
}

// await reads the screen until it shows what is asked for. Each look is a
// round trip to the X server; nothing else can be waited on.
func (p *player) await(t *testing.T, what string, holds func(Reading) bool) Reading {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		r, err := p.read(t)
		if err == nil && holds(r) {
			return r
		}
		select {
		case end := <-p.ended:
			t.Fatalf("waiting for %s the lab ended: %v", what, end)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s: %v, %v", what, r, err)
		}
	}
}

func (p *player) apply(t *testing.T, changes ...input.Change) {
	t.Helper()
	p.message.Sequence++
	p.message.Changes += uint32(len(changes))
	p.message.Recent = append(p.message.Recent, changes...)
	p.message.Recent = p.message.Recent[max(0, len(p.message.Recent)-input.MaxRecent):]
	data, err := p.message.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.hand.Apply(data); err != nil {
		t.Fatalf("%v: %s", err, hex.EncodeToString(data))
	}
}

func (p *player) tap(t *testing.T, code input.Code) {
	t.Helper()
	p.apply(t, input.Change{Code: code, Pressed: true}, input.Change{Code: code})
}

func TestLabCountsPresses(t *testing.T) {
	p := startLab(t, 640, 360)
	if r := p.await(t, "a frame", func(Reading) bool { return true }); r.Inputs != 0 {
		t.Fatalf("started with %v", r)
	}
	expect := func(what string, inputs uint32) {
		t.Helper()
		p.await(t, what, func(r Reading) bool { return r.Inputs >= inputs })
		// Two more frames: a press too many would show by then.
		frame := p.await(t, what, func(Reading) bool { return true }).Frame
		if r := p.await(t, what, func(r Reading) bool { return r.Frame > frame+1 }); r.Inputs != inputs {
			t.Errorf("%s: %d inputs, want %d", what, r.Inputs, inputs)
		}
	}
	p.tap(t, 30)
	expect("one key", 1)
	for range 10 {
		p.tap(t, 57)
	}
	expect("ten keys", 11)
	p.tap(t, input.ButtonLeft)
	expect("a button", 12)
	p.message.WheelY = 120
	p.apply(t)
	expect("a notch of the wheel", 13)
	p.message.DX = 50
	p.apply(t)
	expect("motion", 13)
	savePNG(t, "latency-lab.png", p.grab(t))

	p.stop()
	if err := <-p.ended; err != nil {
		t.Error(err)
	}
}

// X repeats a held key after 660 ms; the lab's count must not rise by it.
func TestLabIgnoresRepeat(t *testing.T) {
	p := startLab(t, 320, 240)
	p.message.Held = []input.Code{30}
	p.apply(t, input.Change{Code: 30, Pressed: true})
	first := p.await(t, "the press", func(r Reading) bool { return r.Inputs > 0 })
	last := p.await(t, "one and a half seconds", func(r Reading) bool { return r.Frame > first.Frame+90 })
	if last.Inputs != 1 {
		t.Errorf("%d inputs from one key", last.Inputs)
	}
}

func TestLabFrameRate(t *testing.T) {
	p := startLab(t, 1280, 720)
	// The time covers both looks whole, so that the rate is none too high.
	start := time.Now()
	first := p.await(t, "a frame", func(Reading) bool { return true })
	last := p.await(t, "a second", func(r Reading) bool { return r.Frame >= first.Frame+60 })
	rate := float64(last.Frame-first.Frame) / time.Since(start).Seconds()
	t.Logf("%.1f frames a second", rate)
	// It can't be faster; how much slower is the machine's affair.
	if rate > 63 {
		t.Errorf("%.1f frames a second", rate)
	}
}

func TestLabEndsWithItsDisplay(t *testing.T) {
	p := startLab(t, 320, 240)
	p.conn.Close()
	p.server.Kill()
	select {
	case err := <-p.ended:
		if err == nil || !strings.HasPrefix(err.Error(), "latency lab: ") {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("runs without a display")
	}
}

func TestRunErrors(t *testing.T) {
	if err := Run(t.Context(), ":64998", "", Config{}); err == nil || !strings.Contains(err.Error(), ":64998") {
		t.Errorf("no display: %v", err)
	}
	for _, rate := range []float64{-1, 1001} {
		if err := Run(t.Context(), ":64998", "", Config{FrameRate: rate}); err == nil ||
			!strings.Contains(err.Error(), "frame rate") || errors.Is(err, context.Canceled) {
			t.Errorf("rate %g: %v", rate, err)
		}
	}
}
