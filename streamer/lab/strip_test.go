package lab

import (
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// picture draws the strips of two readings, limited range as video has it.
func picture(width, height int, top, bottom Reading) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{Y: 90})
		}
	}
	drawTestStrip(img, Top, top)
	drawTestStrip(img, Bottom, bottom)
	return img
}

func drawTestStrip(img *image.Gray, s Strip, r Reading) {
	b := img.Bounds()
	blocks := Encode(r)
	for y := range b.Dy() {
		row := y*Rows/b.Dy() - int(s)
		if row < 0 || row >= StripRows {
			continue
		}
		for x := range b.Dx() {
			level := uint8(16)
			if blocks[row*Columns+x*Columns/b.Dx()] {
				level = 235
			}
			img.SetGray(x, y, color.Gray{Y: level})
		}
	}
}

func decode(img *image.Gray) (Reading, error) {
	b := img.Bounds()
	return Decode(b.Dx(), b.Dy(), func(x, y int) byte { return img.GrayAt(x, y).Y })
}

func TestChecksum(t *testing.T) {
	if got := checksum([]byte("123456789")); got != 0xf4 {
		t.Errorf("check value is %#x, want 0xf4", got)
	}
	data := Reading{Frame: 1, Inputs: 2}.bytes()
	if got := checksum(data[:]); got != 0x6c {
		t.Errorf("check of frame 1 with 2 inputs is %#x, the documentation says 0x6c", got)
	}
}

func TestStripRoundTrip(t *testing.T) {
	for _, r := range []Reading{{}, {1, 2}, {0xffffffff, 0xffffffff}, {0x12345678, 0x9abcdef0}} {
		for _, size := range []image.Point{{1280, 720}, {640, 720}, {1920, 1080}, {960, 540}, {854, 480}, {322, 242}} {
			if got, err := decode(picture(size.X, size.Y, r, r)); err != nil || got != r {
				t.Errorf("%v at %v: got %v, %v", r, size, got, err)
			}
		}
	}
}

func TestStripSurvivesNoiseAndScaling(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		r := Reading{rnd.Uint32(), rnd.Uint32()}
		img := scale(picture(1280, 720, r, r), 960, 540)
		for i := range img.Pix {
			img.Pix[i] = uint8(min(255, max(0, float64(img.Pix[i])+rnd.NormFloat64()*40)))
		}
		if got, err := decode(img); err != nil || got != r {
			t.Errorf("%v: got %v, %v", r, got, err)
		}
	}
}

func TestStripDetectsDamage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	const width, height = 640, 720
	r := Reading{Frame: 77, Inputs: 5}
	for range 500 {
		img := picture(width, height, r, r)
		for range 1 + rnd.IntN(3) {
			flipBlock(img, rnd.IntN(Columns), int(Bottom)+rnd.IntN(StripRows))
		}
		if got, err := decode(img); err == nil && got != r {
			t.Errorf("read %v from a damaged %v", got, r)
		}
	}
}

func TestStripErrors(t *testing.T) {
	r, next := Reading{Frame: 8}, Reading{Frame: 9}
	flat := image.NewGray(image.Rect(0, 0, 640, 480))
	if _, err := decode(flat); !errors.Is(err, ErrNoStrip) {
		t.Errorf("black picture: got %v", err)
	}
	var torn *TornError
	if _, err := decode(picture(640, 720, next, r)); !errors.As(err, &torn) || torn.Top != next || torn.Bottom != r {
		t.Errorf("torn picture: got %v", err)
	}
	img := picture(640, 720, r, r)
	flipBlock(img, 20, 0)
	if _, err := decode(img); !errors.Is(err, ErrChecksum) {
		t.Errorf("one wrong bit: got %v", err)
	}
	img = picture(640, 720, r, r)
	flipBlock(img, 2, int(Bottom))
	if _, err := decode(img); !errors.Is(err, ErrNoStrip) {
		t.Errorf("wrong sync: got %v", err)
	}
	img = picture(640, 720, r, r)
	for y := range 16 {
		for x := range 16 {
			img.SetGray(10*16+x, y, color.Gray{Y: 126})
		}
	}
	if _, err := decode(img); !errors.Is(err, ErrUnclear) {
		t.Errorf("grey block: got %v", err)
	}
}

func flipBlock(img *image.Gray, column, row int) {
	b := img.Bounds()
	for y := b.Dy() * row / Rows; y < b.Dy()*(row+1)/Rows; y++ {
		for x := b.Dx() * column / Columns; x < b.Dx()*(column+1)/Columns; x++ {
			img.SetGray(x, y, color.Gray{Y: 251 - img.GrayAt(x, y).Y})
		}
	}
}

// scale resizes bilinearly, as a browser does.
func scale(img *image.Gray, width, height int) *image.Gray {
	b, out := img.Bounds(), image.NewGray(image.Rect(0, 0, width, height))
	at := func(x, y int) float64 { return float64(img.GrayAt(min(x, b.Dx()-1), min(y, b.Dy()-1)).Y) }
	for y := range height {
		for x := range width {
			fx := max(0, (float64(x)+0.5)*float64(b.Dx())/float64(width)-0.5)
			fy := max(0, (float64(y)+0.5)*float64(b.Dy())/float64(height)-0.5)
			ix, iy := int(fx), int(fy)
			dx, dy := fx-float64(ix), fy-float64(iy)
			upper := at(ix, iy)*(1-dx) + at(ix+1, iy)*dx
			lower := at(ix, iy+1)*(1-dx) + at(ix+1, iy+1)*dx
			out.SetGray(x, y, color.Gray{Y: uint8(upper*(1-dy) + lower*dy)})
		}
	}
	return out
}
