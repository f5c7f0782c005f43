package capture

// #cgo CFLAGS: -O3
// #include "convert.h"
import "C"

import (
	"image"
	"unsafe"
)

// convert fills dst from BGRX pixels whose rows are stride bytes apart, in one
// pass: BT.709, limited range, 4:2:0 with chroma in the middle of its four
// pixels. The bounds of dst, even and at 0,0, say how many pixels there are.
func convert(dst *image.YCbCr, src []byte, stride int) {
	C.convert_bgrx((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(src))), C.ptrdiff_t(stride), planesOf(dst),
		C.int(dst.Rect.Dx()), C.int(dst.Rect.Dy()))
}

func planesOf(picture *image.YCbCr) C.planes {
	return C.planes{
		y:        (*C.uint8_t)(unsafe.SliceData(picture.Y)),
		cb:       (*C.uint8_t)(unsafe.SliceData(picture.Cb)),
		cr:       (*C.uint8_t)(unsafe.SliceData(picture.Cr)),
		y_stride: C.ptrdiff_t(picture.YStride),
		c_stride: C.ptrdiff_t(picture.CStride),
	}
}
