package capture

import (
	"fmt"
	"image"
	"math"
	"reflect"
	"testing"
)

// The sizes are of the ladder, odd planes, the narrowest, one axis alone, and
// what is too steep for the vectors.
func TestScaleMatchesReference(t *testing.T) {
	for _, c := range []struct{ from, to image.Point }{
		{image.Pt(1920, 1080), image.Pt(1600, 900)},
		{image.Pt(1920, 1080), image.Pt(1280, 720)},
		{image.Pt(1920, 1080), image.Pt(960, 540)},
		{image.Pt(1280, 720), image.Pt(960, 540)},
		{image.Pt(1366, 768), image.Pt(1024, 576)},
		{image.Pt(642, 362), image.Pt(426, 238)},
		{image.Pt(640, 360), image.Pt(638, 358)},
		{image.Pt(640, 360), image.Pt(640, 200)},
		{image.Pt(640, 360), image.Pt(400, 360)},
		{image.Pt(640, 360), image.Pt(250, 100)},
		{image.Pt(640, 360), image.Pt(16, 16)},
		{image.Pt(4, 4), image.Pt(2, 2)},
	} {
		t.Run(fmt.Sprintf("%v to %v", c.from, c.to), func(t *testing.T) {
			src := noise(4 * c.from.X * c.from.Y)
			whole := image.NewYCbCr(image.Rectangle{Max: c.from}, image.YCbCrSubsampleRatio420)
			convert(whole, src, 4*c.from.X)
			got := image.NewYCbCr(image.Rectangle{Max: c.to}, image.YCbCrSubsampleRatio420)
			scaler := newScaler(c.from, c.to)
			scaler.scale(got, src, 4*c.from.X)
			comparePlane(t, "luma", plane{got.Y, c.to}, plane{whole.Y, c.from})
			comparePlane(t, "Cb", plane{got.Cb, c.to.Div(2)}, plane{whole.Cb, c.from.Div(2)})
			comparePlane(t, "Cr", plane{got.Cr, c.to.Div(2)}, plane{whole.Cr, c.from.Div(2)})

			// What other processors do is the same to the bit.
			portable := image.NewYCbCr(got.Rect, got.SubsampleRatio)
			scaler.luma.across.pick, scaler.chroma.across.pick = nil, nil
			scaler.scale(portable, src, 4*c.from.X)
			if !reflect.DeepEqual(portable, got) {
				t.Error("vectors and portable code differ")
			}
		})
	}
}

// plane is one of a picture's, without padding.
type plane struct {
	data []byte
	size image.Point
}

// mean is of the area of p that one sample of a plane of another size covers.
func (p plane) mean(x, y int, to image.Point) float64 {
	across, down := float64(p.size.X)/float64(to.X), float64(p.size.Y)/float64(to.Y)
	area := func(at int, ratio float64, i int) float64 { // of sample i, along one axis
		return max(min(float64(at+1)*ratio, float64(i+1))-max(float64(at)*ratio, float64(i)), 0)
	}
	var sum float64
	for row := int(float64(y) * down); row < min(int(math.Ceil(float64(y+1)*down)), p.size.Y); row++ {
		for column := int(float64(x) * across); column < min(int(math.Ceil(float64(x+1)*across)), p.size.X); column++ {
			sum += area(y, down, row) * area(x, across, column) * float64(p.data[row*p.size.X+column])
		}
	}
	return sum / (across * down)
}

func comparePlane(t *testing.T, name string, got, whole plane) {
	t.Helper()
	for y := range got.size.Y {
		for x := range got.size.X {
			want := whole.mean(x, y, got.size)
			if v := got.data[y*got.size.X+x]; math.Abs(float64(v)-want) > 1.5 {
				t.Fatalf("%s at %d,%d is %d, want %.2f", name, x, y, v, want)
			}
		}
	}
}

// Edges are where a filter's error shows most: full black beside full white.
func TestScaleOfStripes(t *testing.T) {
	from, to := image.Pt(1920, 1080), image.Pt(1280, 720)
	src := make([]byte, 4*from.X*from.Y)
	for i := range from.X * from.Y {
		if (i%from.X/2+i/from.X)%2 == 0 {
			copy(src[4*i:], []byte{255, 255, 255})
		}
	}
	whole := image.NewYCbCr(image.Rectangle{Max: from}, image.YCbCrSubsampleRatio420)
	convert(whole, src, 4*from.X)
	got := image.NewYCbCr(image.Rectangle{Max: to}, image.YCbCrSubsampleRatio420)
	newScaler(from, to).scale(got, src, 4*from.X)
	comparePlane(t, "luma", plane{got.Y, to}, plane{whole.Y, from})
	comparePlane(t, "Cb", plane{got.Cb, to.Div(2)}, plane{whole.Cb, from.Div(2)})
}

func FuzzFilter(f *testing.F) {
	f.Add(uint16(1920), uint16(1280))
	f.Add(uint16(3), uint16(3))
	f.Fuzz(func(t *testing.T, a, b uint16) {
		from, to := max(int(a)%4096, 1), max(int(b)%4096, 1)
		if to > from {
			from, to = to, from
		}
		filter := newFilter(from, to, oneDown)
		for i := range to {
			sum := 0
			for tap := range filter.taps {
				w := filter.at(i, tap)
				if w < 0 || (w > 0 && int(filter.start[i])+tap >= from) {
					t.Fatalf("%d to %d: output %d has weight %d for input %d", from, to, i, w, int(filter.start[i])+tap)
				}
				sum += w
			}
			if sum != oneDown {
				t.Fatalf("%d to %d: weights of output %d sum to %d", from, to, i, sum)
			}
		}
	})
}

func BenchmarkScale1080p(b *testing.B) {
	from := image.Pt(1920, 1080)
	src := noise(4 * from.X * from.Y)
	for _, to := range []image.Point{{1600, 900}, {1280, 720}, {960, 540}, {480, 270}} {
		b.Run(fmt.Sprintf("%dp", to.Y), func(b *testing.B) {
			dst := image.NewYCbCr(image.Rectangle{Max: to}, image.YCbCrSubsampleRatio420)
			s := newScaler(from, to)
			b.ReportAllocs()
			for b.Loop() {
				s.scale(dst, src, 4*from.X)
			}
		})
	}
}
