package encode_test

import (
	"bytes"
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

var _ encode.Source = (*capture.Screen)(nil)

// What is drawn on a screen is what a decoder shows, colour and all; and a key
// frame of a screen that stands still does not wait for it to move.
func TestScreenToDecodedPicture(t *testing.T) {
	const width, height = 320, 240
	server := xvfbtest.Start(t, width, height)
	conn, err := xconn.Dial(server.Display, server.Authority)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	root := xproto.Drawable(xproto.Setup(conn).DefaultScreen(conn).Root)
	gc, err := xproto.NewGcontextId(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := xproto.CreateGCChecked(conn, gc, root, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	fill := func(rgb uint32) {
		xproto.ChangeGC(conn, gc, xproto.GcForeground, []uint32{rgb})
		xproto.PolyFillRectangle(conn, root, gc, []xproto.Rectangle{{Width: width, Height: height}})
	}

	screen, err := capture.Open(context.Background(), capture.Config{
		Display: server.Display, Authority: server.Authority, FrameRate: 60, Keepalive: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	encoder, err := encode.Open(screen, encode.Config{Width: width, Height: height, FrameRate: 60, BitRate: 5_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()

	var stream []byte
	colours := []uint32{0x000000, 0xff0000, 0x00ff00, 0x0000ff, 0xffffff}
	next := func(key bool) {
		unit, err := encoder.Next()
		if err != nil {
			t.Fatal(err)
		}
		if unit.Key != key {
			t.Errorf("key is %v, want %v", unit.Key, key)
		}
		if age := time.Since(unit.Captured); age < unit.EncodeTime || age > time.Minute {
			t.Errorf("captured %v ago, encoded in %v", age, unit.EncodeTime)
		}
		stream = append(stream, unit.Data...)
	}
	next(true) // the screen as it was
	for _, rgb := range colours[1:] {
		encoder.ForceKeyFrame() // so that each colour is clear at once
		next(true)              // of the screen that stands still
		fill(rgb)
		next(false)
		encoder.ForceKeyFrame()
		next(true)
	}

	cmd := exec.Command("ffmpeg", "-v", "error", "-f", "h264", "-i", "-",
		"-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
	cmd.Stdin = bytes.NewReader(stream)
	pixels, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	const size = width * height * 3
	for i, rgb := range colours {
		got := pixels[3*i*size:] // three pictures a colour after the first
		at := (height/2*width + width/2) * 3
		for c := range 3 {
			want := int(rgb >> (16 - 8*c) & 0xff)
			if d := int(got[at+c]) - want; d < -6 || d > 6 {
				t.Errorf("%06x is shown as %x", rgb, got[at:at+3])
				break
			}
		}
	}
}
