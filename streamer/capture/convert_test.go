package capture

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// reference is BT.709, limited range, of a colour, in floating point.
func reference(r, g, b float64) (y, cb, cr float64) {
	luma := 0.2126*r + 0.7152*g + 0.0722*b
	return 16 + 219*luma/255, 128 + 224*(b-luma)/1.8556/255, 128 + 224*(r-luma)/1.5748/255
}

// near reports whether a converted byte is within one of the exact value.
func near(got uint8, want float64) bool { return math.Abs(float64(got)-want) <= 1 }

func TestConvertMatchesReference(t *testing.T) {
	// Sizes below, at and above the width of the vectors, and padded rows.
	for _, c := range []struct{ width, height, pad, yPad, cPad int }{
		{2, 2, 0, 0, 0}, {6, 4, 4, 1, 3}, {62, 6, 12, 7, 5}, {64, 2, 0, 0, 0}, {130, 8, 4, 3, 1}, {640, 360, 8, 0, 0},
	} {
		t.Run(fmt.Sprintf("%dx%d", c.width, c.height), func(t *testing.T) {
			stride := 4*c.width + c.pad
			src := noise(stride * c.height)
			dst := &image.YCbCr{
				YStride: c.width + c.yPad, CStride: c.width/2 + c.cPad,
				SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, c.width, c.height),
			}
			dst.Y = make([]byte, dst.YStride*c.height)
			dst.Cb = make([]byte, dst.CStride*c.height/2)
			dst.Cr = make([]byte, dst.CStride*c.height/2)
			convert(dst, src, stride)
			compare(t, dst, src, stride)
			for y := range c.height {
				for _, pad := range dst.Y[y*dst.YStride+c.width : (y+1)*dst.YStride] {
					if pad != 0 {
						t.Fatalf("row %d is written past its end", y)
					}
				}
			}
		})
	}
}

func TestConvertEveryGreyAndPrimary(t *testing.T) {
	dst := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio420)
	for v := range 256 {
		for mask := range 8 {
			pixel := [3]byte{byte(v * (mask & 1)), byte(v * (mask >> 1 & 1)), byte(v * (mask >> 2))}
			src := make([]byte, 16)
			for i := range 4 {
				copy(src[4*i:], pixel[:])
			}
			convert(dst, src, 8)
			compare(t, dst, src, 8)
		}
	}
}

func compare(t *testing.T, dst *image.YCbCr, src []byte, stride int) {
	t.Helper()
	for y := 0; y < dst.Rect.Dy(); y += 2 {
		for x := 0; x < dst.Rect.Dx(); x += 2 {
			var r, g, b float64
			for i := range 4 {
				px, py := x+i%2, y+i/2
				p := src[py*stride+4*px:]
				r, g, b = r+float64(p[2])/4, g+float64(p[1])/4, b+float64(p[0])/4
				want, _, _ := reference(float64(p[2]), float64(p[1]), float64(p[0]))
				if got := dst.Y[py*dst.YStride+px]; !near(got, want) {
					t.Fatalf("luma of %v at %d,%d is %d, want %.2f", p[:3], px, py, got, want)
				}
			}
			_, cb, cr := reference(r, g, b)
			at := y/2*dst.CStride + x/2
			if !near(dst.Cb[at], cb) || !near(dst.Cr[at], cr) {
				t.Fatalf("chroma at %d,%d is %d %d, want %.2f %.2f", x, y, dst.Cb[at], dst.Cr[at], cb, cr)
			}
		}
	}
}

func noise(n int) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	return data
}

func BenchmarkConvert1080p(b *testing.B) {
	dst := image.NewYCbCr(image.Rect(0, 0, 1920, 1080), image.YCbCrSubsampleRatio420)
	src := noise(1920 * 1080 * 4)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		convert(dst, src, 1920*4)
	}
}
