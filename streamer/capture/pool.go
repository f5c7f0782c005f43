package capture

import (
	"image"
	"sync/atomic"
)

// poolSize covers one picture that is being filled, one in the encoder and one
// that is kept for comparison.
const poolSize = 3

// picture is a buffer with its release function, made once and used again.
type picture struct {
	image   *image.YCbCr
	release func()
	out     atomic.Bool // so that a second release does no harm
}

// pool hands out pictures of one size. When all are out it makes another, and
// when it is full it drops what comes back: the reader's contract lets a caller
// keep a picture for ever.
type pool struct {
	size image.Point
	free chan *picture
}

func newPool(size image.Point) *pool {
	return &pool{size: size, free: make(chan *picture, poolSize)}
}

func (p *pool) take() *picture {
	var pic *picture
	select {
	case pic = <-p.free:
	default:
		pic = &picture{image: image.NewYCbCr(image.Rectangle{Max: p.size}, image.YCbCrSubsampleRatio420)}
		pic.release = func() { p.give(pic) }
	}
	pic.out.Store(true)
	return pic
}

func (p *pool) give(pic *picture) {
	if !pic.out.CompareAndSwap(true, false) {
		return
	}
	select {
	case p.free <- pic:
	default:
	}
}
