#include "convert.h"

// Luma stays within 16 bits: (47+157+16)*255 + 16*256 + 128 < 65536. The
// coefficients are 219/255 of Kr, Kg, Kb, times 256, and sum to 220 so that
// white comes out as 235.
static inline uint8_t luma(uint32_t p)
{
	uint16_t b = p & 0xff, g = (p >> 8) & 0xff, r = (p >> 16) & 0xff;
	return (uint16_t)(47 * r + 157 * g + 16 * b + 4224) >> 8;
}

// Two rows at a time, in the order in which the X server has written them:
// every source pixel is loaded for luma and again, from the cache, for chroma.
CLONES
void luma_row(const uint32_t *restrict src, uint8_t *restrict y, int width)
{
	for (int i = 0; i < width; i++)
		y[i] = luma(src[i]);
}

// Chroma is sited in the middle of its four pixels. Coefficients are 224/255
// of those of the standard, times 2^14, for sums of four pixels; each line sums to 0.
CLONES
void chroma_row(const uint64_t *restrict top, const uint64_t *restrict low,
		uint8_t *restrict cb, uint8_t *restrict cr, int pairs)
{
	for (int i = 0; i < pairs; i++) {
		uint64_t t = top[i], l = low[i];
		// Blue and red of a pixel lie 16 bits apart, so that both sum at once.
		uint32_t br = (uint32_t)(t & 0xff00ff) + (uint32_t)((t >> 32) & 0xff00ff) +
			(uint32_t)(l & 0xff00ff) + (uint32_t)((l >> 32) & 0xff00ff);
		int32_t g = (int32_t)((t >> 8) & 0xff) + (int32_t)((t >> 40) & 0xff) +
			(int32_t)((l >> 8) & 0xff) + (int32_t)((l >> 40) & 0xff);
		int32_t b = br & 0xffff, r = br >> 16;
		int32_t half = (128 << 16) + (1 << 15);
		cb[i] = (uint8_t)((7196 * b - 5547 * g - 1649 * r + half) >> 16);
		cr[i] = (uint8_t)((7196 * r - 6536 * g - 660 * b + half) >> 16);
	}
}

void convert_bgrx(const uint8_t *src, ptrdiff_t src_stride, planes dst, int width, int height)
{
	for (int row = 0; row < height; row += 2) {
		const uint8_t *top = src + row * src_stride, *low = top + src_stride;
		uint8_t *y = dst.y + row * dst.y_stride;
		luma_row((const uint32_t *)top, y, width);
		luma_row((const uint32_t *)low, y + dst.y_stride, width);
		chroma_row((const uint64_t *)top, (const uint64_t *)low,
			dst.cb + row / 2 * dst.c_stride, dst.cr + row / 2 * dst.c_stride, width / 2);
	}
}
