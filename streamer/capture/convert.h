// BGRX to planar 4:2:0, BT.709, limited range (ITU-R BT.709-6, 3.5).
#include <stddef.h>
#include <stdint.h>

// One binary for every machine of the architecture: the loader picks the
// fastest of the clones that this processor can run.
#if defined(__x86_64__) && defined(__gnu_linux__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

typedef struct {
	uint8_t *y, *cb, *cr;
	ptrdiff_t y_stride, c_stride; // in bytes
} planes;

// convert_bgrx reads width*height pixels, both even, whose rows are src_stride
// bytes apart, and writes each output byte once.
void convert_bgrx(const uint8_t *src, ptrdiff_t src_stride, planes dst, int width, int height);

// luma_row converts a row of pixels, chroma_row two rows by pairs of pixels.
void luma_row(const uint32_t *restrict src, uint8_t *restrict y, int width);
void chroma_row(const uint64_t *restrict top, const uint64_t *restrict low,
		uint8_t *restrict cb, uint8_t *restrict cr, int pairs);
