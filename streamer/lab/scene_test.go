package lab

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"
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

func TestSceneCarriesItsStrips(t *testing.T) {
	for _, size := range []image.Point{{1280, 720}, {1920, 1080}, {640, 480}, {320, 240}, {642, 362}} {
		s := newScene(newCanvas(size.X, size.Y))
		for n := range 40 {
			want := Reading{Frame: uint32(n * 12345), Inputs: uint32(n)}
			s.draw(moment{Reading: want, elapsed: time.Duration(n) * 317 * time.Millisecond, sincePress: time.Duration(n-1) * 20 * time.Millisecond,
				pointX: n * 40, pointY: n * 20, pointVisible: true})
			if got, err := Decode(size.X, size.Y, s.luma); err != nil || got != want {
				t.Fatalf("%v: got %v, %v, want %v", size, got, err, want)
			}
		}
	}
}

func TestSceneMoves(t *testing.T) {
	s := newScene(newCanvas(640, 360))
	s.draw(moment{})
	before := append([]uint32(nil), s.pixels...)
	s.draw(moment{elapsed: time.Second / 60})
	changed := 0
	for i, p := range s.pixels {
		if p != before[i] {
			changed++
		}
	}
	if changed < 200 {
		t.Errorf("%d pixels changed from one frame to the next", changed)
	}
}

func TestScenePicture(t *testing.T) {
	s := newScene(newCanvas(1280, 720))
	s.draw(moment{Reading: Reading{Frame: 1234, Inputs: 42}, elapsed: 20650 * time.Millisecond, sincePress: 120 * time.Millisecond,
		pointX: 900, pointY: 300, pointVisible: true})
	savePNG(t, "latency-lab-scene.png", s.image())
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
	s := newScene(newCanvas(1280, 720))
	b.ReportAllocs()
	for n := range b.N {
		s.draw(moment{Reading: Reading{Frame: uint32(n)}, elapsed: time.Duration(n) * time.Second / 60})
	}
}
