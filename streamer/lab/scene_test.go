package lab

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func (c canvas) luma(x, y int) byte {
	p := c.pixels[y*c.width+x]
	return color.GrayModel.Convert(color.RGBA{byte(p >> 16), byte(p >> 8), byte(p), 255}).(color.Gray).Y
}

func (c canvas) image() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, c.width, c.height))
	for i, p := range c.pixels {
		img.SetRGBA(i%c.width, i/c.width, color.RGBA{byte(p >> 16), byte(p >> 8), byte(p), 255})
	}
	return img
}

var scenes = []Scene{Dusk, Quiet, Moving}

func mustPaint(t testing.TB, scene Scene, width, height int) *painter {
	t.Helper()
	p, err := newPainter(scene, newCanvas(width, height))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestScenesCarryTheirStrips(t *testing.T) {
	for _, scene := range scenes {
		for _, size := range []image.Point{{1280, 720}, {1920, 1080}, {640, 480}, {320, 240}, {642, 362}} {
			p := mustPaint(t, scene, size.X, size.Y)
			for n := range 10 {
				want := Reading{Frame: uint32(n * 12345), Inputs: uint32(n)}
				p.draw(want, &image.Point{X: n * 160, Y: n * 10})
				if got, err := Decode(size.X, size.Y, p.luma); err != nil || got != want {
					t.Fatalf("%s, %v: got %v, %v, want %v", scene, size, got, err, want)
				}
			}
		}
	}
}

// How much of the picture changes is what tells the scenes apart.
func TestScenesMove(t *testing.T) {
	for scene, want := range map[Scene]struct{ least, most float64 }{
		Quiet: {0.0001, 0.02}, Dusk: {0.001, 0.3}, Moving: {0.7, 1},
	} {
		p := mustPaint(t, scene, 640, 360)
		p.draw(Reading{Frame: 100}, nil)
		before := slices.Clone(p.pixels)
		p.draw(Reading{Frame: 101}, nil)
		changed := 0
		for i, pixel := range p.pixels {
			if pixel != before[i] {
				changed++
			}
		}
		if part := float64(changed) / float64(len(before)); part < want.least || part > want.most {
			t.Errorf("%s: %.4f of the pixels change from one frame to the next", scene, part)
		}
	}
}

func TestPressIsSeen(t *testing.T) {
	for _, scene := range scenes {
		p := mustPaint(t, scene, 640, 360)
		p.draw(Reading{Frame: 5}, nil)
		before := slices.Clone(p.pixels)
		p.draw(Reading{Frame: 5, Inputs: 1}, nil)
		if slices.Equal(before[360/4*640:360*3/4*640], p.pixels[360/4*640:360*3/4*640]) {
			t.Errorf("%s shows no press but in its strips", scene)
		}
	}
}

// The same frame is the same picture, whatever was drawn before it.
func TestReference(t *testing.T) {
	for _, scene := range scenes {
		r, err := NewReference(scene, 640, 360)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(r.Pixels(Reading{Frame: 900, Inputs: 3}))
		r.Pixels(Reading{Frame: 1, Inputs: 4})
		if !slices.Equal(want, r.Pixels(Reading{Frame: 900, Inputs: 3})) {
			t.Errorf("%s is not a function of the reading", scene)
		}
		luma := make([]byte, len(want))
		r.Luma(Reading{Frame: 900, Inputs: 3}, luma)
		for i, p := range want {
			exact := 16 + (0.2126*float64(p>>16&0xff)+0.7152*float64(p>>8&0xff)+0.0722*float64(p&0xff))*219/255
			if math.Abs(exact-float64(luma[i])) > 0.51 {
				t.Fatalf("luma of %06x is %d, want %.2f", p, luma[i], exact)
			}
		}
	}
	if _, err := NewReference("dawn", 64, 48); err == nil {
		t.Error("a scene that is none")
	}
}

func TestScenePictures(t *testing.T) {
	for _, scene := range scenes {
		p := mustPaint(t, scene, 1280, 720)
		p.draw(Reading{Frame: 1239, Inputs: 42}, &image.Point{X: 900, Y: 300})
		savePNG(t, "latency-lab-"+string(scene)+".png", p.image())
	}
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
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, scene := range scenes {
		b.Run(string(scene), func(b *testing.B) {
			p := mustPaint(b, scene, 1280, 720)
			b.ReportAllocs()
			for n := range b.N {
				p.draw(Reading{Frame: uint32(n)}, nil)
			}
		})
	}
}
