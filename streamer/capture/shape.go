package capture

import (
	"fmt"
	"image"
)

// maxFrameRate is in pictures a second.
const maxFrameRate = 240

// shape is what pictures are wanted.
type shape struct {
	size image.Point
	rate int
}

// check compares with what the screen has.
func (s shape) check(screen image.Point) error {
	switch {
	case s.size.X < 2 || s.size.Y < 2 || s.size.X%2 != 0 || s.size.Y%2 != 0:
		return fmt.Errorf("picture of %dx%d: want even numbers from 2", s.size.X, s.size.Y)
	case s.size.X > screen.X || s.size.Y > screen.Y:
		return fmt.Errorf("picture of %dx%d: the screen has %dx%d", s.size.X, s.size.Y, screen.X, screen.Y)
	case s.rate < 1 || s.rate > maxFrameRate:
		return fmt.Errorf("frame rate %d: want 1 to %d", s.rate, maxFrameRate)
	}
	return nil
}

// Shape has the pictures from the next Read on be of another size and rate; a
// Read that waits returns soon with one. They show what they did, scaled down
// where they are smaller than Config says: each pixel is the mean of the area
// that it covers. Larger is refused. Any goroutine may call it.
func (s *Screen) Shape(width, height, frameRate int) error {
	want := shape{image.Pt(width, height), frameRate}
	if err := want.check(image.Pt(s.cfg.Width, s.cfg.Height)); err != nil {
		return fmt.Errorf("shape of display %s: %w", s.cfg.Display, err)
	}
	s.want.Store(&want)
	s.Refresh()
	return nil
}

// Size is that of the pictures from the next Read on.
func (s *Screen) Size() image.Point { return s.want.Load().size }

// press makes pictures of one shape.
type press struct {
	shape  *shape
	pool   *pool
	scaler *scaler // nil: nothing to scale
	stride int
}

func newPress(from image.Point, to *shape) *press {
	p := &press{shape: to, pool: newPool(to.size), stride: 4 * from.X}
	if from != to.size {
		p.scaler = newScaler(from, to.size)
	}
	return p
}

func (p *press) reshape(from image.Point, to *shape) *press {
	if p.shape.size != to.size {
		return newPress(from, to)
	}
	p.shape = to
	return p
}

// print makes a picture of what the server has drawn.
func (p *press) print(pixels []byte) *picture {
	pic := p.pool.take()
	if p.scaler == nil {
		convert(pic.image, pixels, p.stride)
	} else {
		p.scaler.scale(pic.image, pixels, p.stride)
	}
	return pic
}
