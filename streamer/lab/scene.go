package lab

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
)

// Scene is what the lab shows behind its strips.
type Scene string

// The scenes. Each is a pure function of the frame's number and the count of
// inputs, so that what was drawn can be drawn again and compared.
const (
	Dusk   Scene = "dusk"   // parts of the picture move
	Quiet  Scene = "quiet"  // a small mark moves, and the strips
	Moving Scene = "moving" // all of it moves, as when one flies over a country
)

// rate is the frames a second for which the scenes' motion is made.
const rate = 60

// painter draws a scene into a canvas: what doesn't move is drawn once, and
// copied.
type painter struct {
	canvas     // drawn into by draw
	scene      Scene
	still      canvas // sky and ground
	land       *land  // of Moving
	horizon    int
	far, near  []int // heights of two ranges of hills, one period each
	middle     float64
	unit       int // a square of the small letters, and the measure of all
	floorLines int
}

// The scene's colors, 0xRRGGBB.
const (
	night, dusk, glow  = 0x0b1030, 0x5a2a7a, 0xff8a5c
	farHills           = 0x4a2a6a
	nearHills          = 0x23154a
	groundNear         = 0x1a0a3c
	groundFar          = 0x4a1a6c
	gridColor          = 0xff5fc8
	white, soft, black = 0xffffff, 0xd8d0f0, 0x000000
	sunTop, sunBottom  = 0xffe08a, 0xff4f88
)

// newPainter draws into the target; an empty scene is Dusk.
func newPainter(scene Scene, target canvas) (*painter, error) {
	s := &painter{
		canvas:     target,
		scene:      scene,
		horizon:    target.height * 62 / 100,
		middle:     float64(target.width) / 2,
		unit:       max(1, target.height/240),
		floorLines: 14,
	}
	switch scene {
	case Moving:
		s.land = newLand()
		return s, nil
	case Dusk, Quiet, "":
	default:
		return nil, fmt.Errorf("no scene %q: want %s, %s or %s", scene, Dusk, Quiet, Moving)
	}
	s.still = newCanvas(target.width, target.height)
	s.far = hills(2*target.width, float64(target.height)*0.22, 3, 1)
	s.near = hills(2*target.width, float64(target.height)*0.12, 5, 2)
	s.drawSky()
	s.drawGround()
	if scene == Quiet { // all of the dusk stands still
		s.drawDusk(0)
		copy(s.still.pixels, s.pixels)
	}
	return s, nil
}

// hills returns the heights of a range that repeats after the width: ridges,
// each finer than the last.
func hills(width int, height float64, ridges int, seed uint64) []int {
	rnd := rand.New(rand.NewPCG(seed, seed))
	heights := make([]float64, width)
	for size := height / 2; size >= 1 && ridges < width/2; size, ridges = size/1.9, ridges*2+1 {
		phase := rnd.Float64()
		for x := range heights {
			_, at := math.Modf(float64(x*ridges)/float64(width) + phase)
			heights[x] += size * (1 - math.Abs(2*at-1))
		}
	}
	out := make([]int, width)
	for x, h := range heights {
		out[x] = int(h)
	}
	return out
}

func (s *painter) drawSky() {
	for y := range s.horizon {
		at := float64(y) / float64(s.horizon)
		color := mix(night, dusk, at*1.5)
		if at > 0.66 {
			color = mix(dusk, glow, (at-0.66)/0.34)
		}
		fill(s.still.row(y, 0, s.width), color)
	}
	rnd := rand.New(rand.NewPCG(7, 7))
	for range 160 {
		x, y := rnd.IntN(s.width), rnd.IntN(s.horizon*6/10)
		size := 1 + rnd.IntN(max(1, s.unit/2))
		s.still.rectangle(x, y, x+size, y+size, mix(night, white, 0.3+0.7*rnd.Float64()))
	}
}

// drawGround draws the lines that run to the horizon; those across move.
func (s *painter) drawGround() {
	depth := float64(s.height - s.horizon)
	for y := s.horizon; y < s.height; y++ {
		near := float64(y-s.horizon+1) / depth
		row := s.still.row(y, 0, s.width)
		ground, line := mix(groundFar, groundNear, near*1.4), mix(groundFar, gridColor, 0.25+0.5*near)
		spread := float64(s.width) * (0.035 + 0.16*near)
		for x := range row {
			at := math.Abs(float64(x)-s.middle) / spread
			if away := at - math.Floor(at+0.5); math.Abs(away)*spread < 0.6+1.2*near {
				row[x] = line
			} else {
				row[x] = ground
			}
		}
	}
}

// draw paints the whole canvas. Nothing lies over the strips, the pointer
// neither, where there is one.
func (s *painter) draw(r Reading, pointer *image.Point) {
	seconds := float64(r.Frame) / rate
	switch s.scene {
	case Moving:
		s.land.draw(s.canvas, int(r.Frame))
		s.drawBall(r.Inputs, seconds)
	case Quiet:
		copy(s.pixels, s.still.pixels)
		s.drawBall(r.Inputs, 0)
	default:
		s.drawDusk(seconds)
		s.drawBall(r.Inputs, seconds)
	}
	s.drawRuler(seconds)
	s.drawPanel(r)
	if pointer != nil {
		s.drawPointer(*pointer)
	}
	s.drawStrip(Top, r)
	s.drawStrip(Bottom, r)
}

func (s *painter) drawDusk(seconds float64) {
	ground := s.horizon * s.width
	copy(s.pixels[:ground], s.still.pixels)
	s.drawSun(seconds)
	s.drawHills(s.far, farHills, seconds*0.02)
	s.drawHills(s.near, nearHills, seconds*0.06)
	copy(s.pixels[ground:], s.still.pixels[ground:]) // over what has set of the sun
	s.drawGrid(seconds)
}

func (s *painter) drawSun(seconds float64) {
	radius := float64(s.height) * 0.2
	s.disc(s.middle, float64(s.horizon)-radius*0.55, radius, func(_, y float64) uint32 {
		if y > 0 {
			// Slits that wander down and widen.
			if at := y*6 + seconds*0.4; at-math.Floor(at) < 0.12+0.3*y {
				return mix(dusk, glow, 0.2+0.5*y)
			}
		}
		return mix(sunTop, sunBottom, (y+1)/2)
	})
}

// drawHills shifts a range to the left by some of its periods.
func (s *painter) drawHills(heights []int, color uint32, shift float64) {
	_, part := math.Modf(shift)
	offset := int(part * float64(len(heights)))
	highest := 0
	for _, h := range heights {
		highest = max(highest, h)
	}
	for up := range highest {
		row := s.row(s.horizon-1-up, 0, s.width)
		for x := range row {
			at := x + offset
			if at >= len(heights) {
				at -= len(heights)
			}
			if heights[at] > up {
				row[x] = color
			}
		}
	}
}

// drawGrid draws the lines across the ground, as they come nearer.
func (s *painter) drawGrid(seconds float64) {
	_, part := math.Modf(seconds * 1.5)
	for n := range s.floorLines {
		near := math.Pow((float64(n)+part)/float64(s.floorLines), 2.2)
		y := s.horizon + int(near*float64(s.height-s.horizon))
		s.rectangle(0, y, s.width, y+1+int(near*float64(s.unit)), mix(groundFar, gridColor, 0.25+0.6*near))
	}
	s.rectangle(0, s.horizon-1, s.width, s.horizon+1, gridColor)
}
