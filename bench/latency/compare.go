package latency

import (
	"math"

	"github.com/playcast/playcast/bench/player"
)

// drawn draws frames again, to compare pictures with.
type drawn struct {
	reference     Reference
	width, height int
	luma          []byte
}

func newDrawn(o order) (*drawn, error) {
	reference, err := o.game.Reference(o.Scene, o.width, o.height)
	if err != nil {
		return nil, err
	}
	return &drawn{reference, o.width, o.height, make([]byte, o.width*o.height)}, nil
}

// psnr compares a picture's luma with its frame, in dB. A picture of another
// size is compared with the frame scaled to it.
func (d *drawn) psnr(p *player.Picture, r Reading) float64 {
	d.reference.Luma(r, d.luma)
	want := d.luma
	if p.Width != d.width || p.Height != d.height {
		want = resize(d.luma, d.width, d.height, p.Width, p.Height)
	}
	return psnr(p.Y, p.Stride, want, p.Width)
}

// bestPSNR stands for pictures without a difference.
const bestPSNR = 99

// psnr compares two pictures of luma; rows of got are stride apart.
func psnr(got []byte, stride int, want []byte, width int) float64 {
	var sum int64
	for at := 0; at < len(want); at += width {
		row := got[at/width*stride:][:width]
		for x, w := range want[at : at+width] {
			d := int64(w) - int64(row[x])
			sum += d * d
		}
	}
	if sum == 0 {
		return bestPSNR
	}
	return min(bestPSNR, 10*math.Log10(255*255*float64(len(want))/float64(sum)))
}

// resize scales by the mean of the area that a pixel covers.
func resize(from []byte, width, height, newWidth, newHeight int) []byte {
	lines := make([]float64, newWidth*height) // of the new width
	for y := range height {
		row := from[y*width : (y+1)*width]
		for x := range newWidth {
			lines[y*newWidth+x] = covered(x, width, newWidth, func(i int) float64 { return float64(row[i]) })
		}
	}
	to := make([]byte, newWidth*newHeight)
	for y := range newHeight {
		for x := range newWidth {
			v := covered(y, height, newHeight, func(i int) float64 { return lines[i*newWidth+x] })
			to[y*newWidth+x] = byte(math.Round(v))
		}
	}
	return to
}

// covered is the mean of what the place-th of parts covers of size values.
func covered(place, size, parts int, value func(int) float64) float64 {
	begin, end := float64(place)*float64(size)/float64(parts), float64(place+1)*float64(size)/float64(parts)
	sum := 0.0
	for i := int(begin); i < size && float64(i) < end; i++ {
		sum += value(i) * (min(end, float64(i+1)) - max(begin, float64(i)))
	}
	return sum / (end - begin)
}
