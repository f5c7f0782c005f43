package game

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/xconn"
)

// Freedoom really runs: it fills the whole display, and its picture moves.
func TestFreedoom(t *testing.T) {
	catalog, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []events.GameID{"freedoom1", "freedoom2"} {
		t.Run(string(id), func(t *testing.T) {
			entry, _ := catalog.Find(id)
			if err := entry.Installed(); err != nil {
				t.Fatal(err)
			}
			playDoom(t, entry)
		})
	}
}

func playDoom(t *testing.T, entry Entry) {
	l := newLauncher(t, Config{})
	session := events.NewSessionID()
	d := startDisplay(t, l, session, entry.Width, entry.Height)
	p, err := l.StartGame(Launch{Session: session, Player: "ann", Entry: entry, Display: d})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := xconn.Dial(d.Name(), d.Authority())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	start := time.Now()
	var first, last *image.RGBA
	eventually(t, "a picture that fills the display", func() bool {
		first = grab(t, conn, entry.Width, entry.Height)
		return filled(first)
	})
	t.Logf("drew after %v", time.Since(start).Round(time.Millisecond))
	eventually(t, "the picture moves", func() bool {
		last = grab(t, conn, entry.Width, entry.Height)
		return filled(last) && !bytes.Equal(first.Pix, last.Pix)
	})
	savePNG(t, string(entry.ID)+".png", last)

	begun := time.Now()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("closed in %v", time.Since(begun).Round(time.Millisecond))
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

// filled tells whether every edge of the picture has something drawn on it.
func filled(img *image.RGBA) bool {
	b := img.Bounds()
	edges := []image.Rectangle{
		image.Rect(0, 0, b.Dx(), 4), image.Rect(0, b.Dy()-4, b.Dx(), b.Dy()),
		image.Rect(0, 0, 4, b.Dy()), image.Rect(b.Dx()-4, 0, b.Dx(), b.Dy()),
	}
	for _, edge := range edges {
		lit := 0
		for y := edge.Min.Y; y < edge.Max.Y; y++ {
			for x := edge.Min.X; x < edge.Max.X; x++ {
				if c := img.RGBAAt(x, y); max(c.R, c.G, c.B) > 16 {
					lit++
				}
			}
		}
		if lit < edge.Dx()*edge.Dy()/4 {
			return false
		}
	}
	return true
}

// grab reads the display.
func grab(t *testing.T, conn *xgb.Conn, width, height int) *image.RGBA {
	t.Helper()
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	reply, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(root),
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

// savePNG keeps a picture as test output, where PLAYCAST_TEST_RESULTS says.
func savePNG(t *testing.T, name string, img image.Image) {
	t.Helper()
	dir := os.Getenv("PLAYCAST_TEST_RESULTS")
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
