package lab

import "math"

// canvas is a picture of 32 bits a pixel, 0x00RRGGBB, without gaps between its
// rows. Everything drawn is cut at its edges.
type canvas struct {
	width, height int
	pixels        []uint32
}

func newCanvas(width, height int) canvas {
	return canvas{width, height, make([]uint32, width*height)}
}

// row returns the pixels of a row from x0 up to x1, cut at the edges.
func (c canvas) row(y, x0, x1 int) []uint32 {
	x0, x1 = max(0, x0), min(c.width, x1)
	if y < 0 || y >= c.height || x0 >= x1 {
		return nil
	}
	return c.pixels[y*c.width+x0 : y*c.width+x1]
}

func (c canvas) rectangle(x0, y0, x1, y1 int, color uint32) {
	for y := max(0, y0); y < min(c.height, y1); y++ {
		fill(c.row(y, x0, x1), color)
	}
}

// shade lets a rectangle shine through darker, for text to stand on.
func (c canvas) shade(x0, y0, x1, y1 int) {
	for y := max(0, y0); y < min(c.height, y1); y++ {
		row := c.row(y, x0, x1)
		for i, p := range row {
			row[i] = p >> 2 & 0x3f3f3f
		}
	}
}

// disc fills a circle with the color that a function gives for a place in it,
// -1 to 1 in both directions.
func (c canvas) disc(cx, cy, radius float64, color func(x, y float64) uint32) {
	for y := int(cy - radius); y <= int(cy+radius); y++ {
		dy := (float64(y) - cy) / radius
		if dy*dy >= 1 {
			continue
		}
		half := radius * math.Sqrt(1-dy*dy)
		x0 := max(0, int(cx-half))
		row := c.row(y, x0, int(cx+half)+1)
		for i := range row {
			row[i] = color((float64(x0+i)-cx)/radius, dy)
		}
	}
}

// text writes capitals, digits and spaces, each 5 by 7 squares of the size,
// with one square between them.
func (c canvas) text(x, y, size int, color uint32, text string) {
	for _, letter := range []byte(text) {
		for row, bits := range font[letter] {
			for column := range 5 {
				if bits&(0x10>>column) != 0 {
					left, top := x+column*size, y+row*size
					c.rectangle(left, top, left+size, top+size, color)
				}
			}
		}
		x += 6 * size
	}
}

// textWidth is how wide text is at the size.
func textWidth(size int, text string) int { return (6*len(text) - 1) * size }

func fill(row []uint32, color uint32) {
	for i := range row {
		row[i] = color
	}
}

// mix returns the color between a (at 0) and b (at 1).
func mix(a, b uint32, at float64) uint32 {
	at = max(0, min(1, at))
	var mixed uint32
	for shift := 0; shift <= 16; shift += 8 {
		x, y := float64(a>>shift&0xff), float64(b>>shift&0xff)
		mixed |= uint32(x+(y-x)*at) << shift
	}
	return mixed
}

// font has a byte for each of the seven rows of a letter, its five columns in
// the low bits, leftmost first.
var font = map[byte][7]byte{
	'A': {0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11},
	'B': {0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e},
	'C': {0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e},
	'E': {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f},
	'F': {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10},
	'I': {0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e},
	'L': {0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f},
	'M': {0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11},
	'N': {0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11},
	'P': {0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10},
	'R': {0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11},
	'S': {0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e},
	'T': {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04},
	'U': {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e},
	'Y': {0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04},
	'0': {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e},
	'1': {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e},
	'2': {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f},
	'3': {0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e},
	'4': {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02},
	'5': {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
	'6': {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e},
	'7': {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
	'8': {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e},
	'9': {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c},
}
