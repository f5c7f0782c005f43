package lab

import (
	"math"
	"math/rand/v2"
)

// landSize is the width and height of a land, a power of two, in pixels.
const landSize = 1024

// land is a picture of woods, fields and water with soft and hard edges, that
// repeats in both directions: natural enough that an encoder finds motion,
// detail and flat parts in it.
type land struct{ pixels []uint32 }

func newLand() *land {
	l := &land{make([]uint32, landSize*landSize)}
	height, grain := relief(1, 4, 5), relief(2, 128, 3)
	for i := range l.pixels {
		h, g := height[i], grain[i]
		switch {
		case h < 0.42: // water, flat
			l.pixels[i] = mix(0x10304a, 0x2f6f8f, h/0.42)
		case h < 0.45: // a beach
			l.pixels[i] = mix(0xd8c48a, 0xb09a60, g)
		case h < 0.62: // fields, with furrows
			l.pixels[i] = mix(mix(0x3f6f2a, 0x7fa04a, (h-0.45)/0.17), black, 0.25*g)
		default: // woods
			l.pixels[i] = mix(mix(0x1c3f22, 0x4a5f3a, (h-0.62)*3), black, 0.6*g)
		}
	}
	return l
}

// relief returns heights from 0 to 1: random values on a grid, smooth between,
// and octaves of it, each twice as fine and half as high (value noise).
func relief(seed uint64, cells, octaves int) []float64 {
	rnd := rand.New(rand.NewPCG(seed, seed))
	heights, total := make([]float64, landSize*landSize), 0.0
	for octave := range octaves {
		n, weight := cells<<octave, math.Pow(0.5, float64(octave))
		grid := make([]float64, n*n)
		for i := range grid {
			grid[i] = rnd.Float64()
		}
		total += weight
		size := landSize / n
		smooth := make([]float64, size)
		for i := range smooth {
			at := float64(i) / float64(size)
			smooth[i] = at * at * (3 - 2*at)
		}
		for i := range heights {
			x, y := i%landSize, i/landSize
			row, below := y/size*n, (y/size+1)%n*n
			column, right := x/size, (x/size+1)%n
			fx, fy := smooth[x%size], smooth[y%size]
			upper := grid[row+column] + (grid[row+right]-grid[row+column])*fx
			lower := grid[below+column] + (grid[below+right]-grid[below+column])*fx
			heights[i] += weight * (upper + (lower-upper)*fy)
		}
	}
	for i := range heights {
		heights[i] /= total
	}
	return heights
}

// draw shows the land from an aircraft that looks ahead: what is nearer, lower
// in the picture, moves faster, in four layers.
func (l *land) draw(c canvas, frame int) {
	const layers = 4
	sway := int(40 * math.Sin(float64(frame)/rate))
	for y := range c.height {
		layer := y * layers / c.height
		x := (frame*(2+2*layer) + 300*layer) % landSize
		from := (y + frame/2 + sway + landSize) % landSize * landSize
		source, row := l.pixels[from:from+landSize], c.row(y, 0, c.width)
		for len(row) > 0 {
			n := copy(row, source[x:])
			row, x = row[n:], 0
		}
	}
}
