package capture

// #cgo CFLAGS: -O3
// #include "scale.h"
import "C"

import (
	"image"
	"math/bits"
	"unsafe"
)

// scaler converts as convert does, to a smaller picture: each of its pixels is
// the mean of the area that it covers. Chroma stays in the middle of its four
// pixels, since the planes are scaled by the same ratio. It belongs to one
// goroutine.
type scaler struct {
	luma, chroma axes
	scratch      []byte
	from         image.Point
	rows         int
}

// axes are the filters of one plane.
type axes struct{ across, down filter }

// The weights of a filter sum to one of these.
const (
	oneAcross = 1 << 14
	oneDown   = 1 << 8
)

// newScaler is for pictures of one size, made from a part of the screen that
// is nowhere smaller; both are even.
func newScaler(from, to image.Point) *scaler {
	s := &scaler{
		luma:   axes{newFilter(from.X, to.X, oneAcross), newFilter(from.Y, to.Y, oneDown)},
		chroma: axes{newFilter(from.X/2, to.X/2, oneAcross), newFilter(from.Y/2, to.Y/2, oneDown)},
		from:   from,
	}
	// When two rows come, the oldest that is still waited with is taps back.
	s.rows = 1 << bits.Len(uint(max(s.luma.down.taps, s.chroma.down.taps)))
	s.scratch = make([]byte, s.rows*(from.X+C.ROW_PAD)+2*s.rows*(from.X/2+C.ROW_PAD)+2*(from.X+C.ROW_PAD))
	return s
}

// scale fills dst from BGRX pixels whose rows are stride bytes apart.
func (s *scaler) scale(dst *image.YCbCr, src []byte, stride int) {
	C.scale_bgrx((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(src))), C.ptrdiff_t(stride), planesOf(dst), C.scaler{
		luma:    s.luma.c(),
		chroma:  s.chroma.c(),
		scratch: (*C.uint8_t)(unsafe.SliceData(s.scratch)),
		width:   C.int(s.from.X),
		height:  C.int(s.from.Y),
		rows:    C.int(s.rows),
	})
}

func (a axes) c() C.axes { return C.axes{across: a.across.c(), down: a.down.c()} }

// filter is laid out as scale.h says.
type filter struct {
	start  []int32
	weight []int16
	pick   []uint32
	taps   int
}

// newFilter weighs each of from samples by how much of it each of to samples
// covers. The weights of one output sum to one.
func newFilter(from, to, one int) filter {
	f := filter{start: make([]int32, to), pick: make([]uint32, to)}
	for i := range to {
		f.start[i] = int32(i * from / to)
		end := ((i+1)*from + to - 1) / to
		f.taps = max(f.taps, (end-int(f.start[i])+1)&^1)
	}
	f.weight = make([]int16, f.taps*to)
	for i := range to {
		begin, before := i*from, 0 // in parts of a sample, to of which are one
		for tap := range f.taps {
			end := (int(f.start[i]) + tap + 1) * to
			covered := min(max(end-begin, 0), from)
			sum := (2*covered*one + from) / (2 * from)
			f.weight[2*(tap/2*to+i)+tap%2] = int16(sum - before)
			before = sum
		}
	}
	for i, start := range f.start {
		at := 2 * uint32(start-f.start[i&^3]) // in bytes
		if at+3 > 15 {
			f.pick = nil
			break
		}
		f.pick[i] = at*0x01010101 + 0x03020100
	}
	return f
}

// at is the weight that an output gives to a tap.
func (f filter) at(output, tap int) int {
	return int(f.weight[2*(tap/2*len(f.start)+output)+tap%2])
}

func (f filter) c() C.filter {
	return C.filter{
		start:  (*C.int32_t)(unsafe.SliceData(f.start)),
		weight: (*C.int16_t)(unsafe.SliceData(f.weight)),
		pick:   (*C.uint32_t)(unsafe.SliceData(f.pick)),
		count:  C.int(len(f.start)),
		taps:   C.int(f.taps),
	}
}
