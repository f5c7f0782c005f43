package lab

import (
	"fmt"
	"image"
	"math"
)

// drawBall lets a ball bounce over the ground; each press gives it the next
// color.
func (s *painter) drawBall(inputs uint32, seconds float64) {
	colors := []uint32{0x5ce1ff, 0xffd35c, 0x8cff7a, 0xff7a7a, 0xc79cff}
	color := colors[int(inputs%uint32(len(colors)))]
	radius := float64(s.height) * 0.075
	x := s.middle + float64(s.width)*0.36*math.Sin(seconds*0.9)
	floor := float64(s.height)*0.84 - radius
	y := floor - float64(s.height)*0.34*math.Abs(math.Sin(seconds*2.3))
	for up := range int(radius / 5) { // its shadow
		half := int(radius * math.Sqrt(1-math.Pow(float64(up)/radius*5, 2)))
		for _, row := range [][]uint32{
			s.row(int(floor+radius)+up, int(x)-half, int(x)+half), s.row(int(floor+radius)-up-1, int(x)-half, int(x)+half),
		} {
			for i, p := range row {
				row[i] = p >> 1 & 0x7f7f7f
			}
		}
	}
	s.disc(x, y, radius, func(px, py float64) uint32 {
		light := math.Hypot(px+0.35, py+0.4)
		if light < 0.25 {
			return mix(white, color, light*2)
		}
		return mix(color, black, (light-0.25)*0.6)
	})
}

// drawRuler draws a mark that runs at an even speed, to see stutter by.
func (s *painter) drawRuler(seconds float64) {
	y, size := s.height*90/100, 2*s.unit
	for n := range 21 {
		x := s.width * (n + 2) / 24
		s.rectangle(x, y-size, x+1, y+size, soft)
	}
	_, part := math.Modf(seconds / 4)
	x := s.width*2/24 + int(part*float64(s.width)*20/24)
	s.rectangle(x-s.unit, y-2*size, x+s.unit, y+2*size, white)
}

func (s *painter) drawPanel(r Reading) {
	left, top := 8*s.unit, s.height*StripRows/Rows+8*s.unit
	counts := fmt.Sprintf("FRAME %06d  INPUTS %04d", r.Frame, r.Inputs)
	width := max(textWidth(3*s.unit, title), textWidth(s.unit, counts))
	s.shade(left-4*s.unit, top-4*s.unit, left+width+4*s.unit, top+37*s.unit)
	s.text(left, top, 3*s.unit, white, title)
	s.text(left, top+26*s.unit, s.unit, soft, counts)
}

const title = "LATENCY LAB"

func (s *painter) drawPointer(at image.Point) {
	long, thick := 6*s.unit, max(1, s.unit/2)
	for _, part := range []struct {
		extra int
		color uint32
	}{{1, black}, {0, white}} {
		e := part.extra
		s.rectangle(at.X-long-e, at.Y-thick-e, at.X+long+e, at.Y+thick+e, part.color)
		s.rectangle(at.X-thick-e, at.Y-long-e, at.X+thick+e, at.Y+long+e, part.color)
	}
}

func (s *painter) drawStrip(strip Strip, r Reading) {
	for i, block := range Encode(r) {
		color := uint32(black)
		if block {
			color = white
		}
		s.rectangle(s.block(strip, i, color))
	}
}

// flip makes a white block black, and a black one white.
func (s *painter) flip(strip Strip, i int) {
	x0, y0, x1, y1, _ := s.block(strip, i, 0)
	s.rectangle(x0, y0, x1, y1, white-s.pixels[y0*s.width+x0])
}

// block returns the rectangle of a strip's block, and the color it is to have.
func (s *painter) block(strip Strip, i int, color uint32) (x0, y0, x1, y1 int, _ uint32) {
	column, row := i%Columns, int(strip)+i/Columns
	return s.width * column / Columns, s.height * row / Rows,
		s.width * (column + 1) / Columns, s.height * (row + 1) / Rows, color
}
