// BGRX to planar 4:2:0, BT.709, limited range (ITU-R BT.709-6, 3.5).
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint8_t *y, *cb, *cr;
	ptrdiff_t y_stride, c_stride; // in bytes
} planes;

// convert_bgrx reads width*height pixels, both even, whose rows are src_stride
// bytes apart, and writes each output byte once.
void convert_bgrx(const uint8_t *src, ptrdiff_t src_stride, planes dst, int width, int height);
