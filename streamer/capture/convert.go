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
	C.convert_bgrx((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(src))), C.ptrdiff_t(stride), C.planes{
		y:        (*C.uint8_t)(unsafe.SliceData(dst.Y)),
		cb:       (*C.uint8_t)(unsafe.SliceData(dst.Cb)),
		cr:       (*C.uint8_t)(unsafe.SliceData(dst.Cr)),
		y_stride: C.ptrdiff_t(dst.YStride),
		c_stride: C.ptrdiff_t(dst.CStride),
	}, C.int(dst.Rect.Dx()), C.int(dst.Rect.Dy()))
}
