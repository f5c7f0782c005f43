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

// threads leaves a core to the game, and stays at four slices a picture: some
// builds of Chromium show glitches from five on.
func threads() int { return max(1, min(runtime.NumCPU()-1, 4)) }
