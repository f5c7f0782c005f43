//go:build !nox264 || !nolibav

package encode

// #include "picture.h"
import "C"

import (
	"image"
	"runtime"
	"unsafe"
)

// planes lends a picture to C for the length of a call.
func planes(pic *image.YCbCr) C.picture {
	return C.picture{
		y:        (*C.uint8_t)(unsafe.SliceData(pic.Y)),
		cb:       (*C.uint8_t)(unsafe.SliceData(pic.Cb)),
		cr:       (*C.uint8_t)(unsafe.SliceData(pic.Cr)),
		y_stride: C.int(pic.YStride),
		c_stride: C.int(pic.CStride),
	}
}

// threads is how many slices of a picture are encoded side by side. On two cores
// two take two thirds of the time that one takes, for hardly more CPU time. From
// five slices on some builds of Chromium show glitches.
func threads() int { return min(runtime.NumCPU(), 4) }
