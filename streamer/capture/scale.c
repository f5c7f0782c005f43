#include "scale.h"

#if defined(__x86_64__) && defined(__gnu_linux__)
#include <immintrin.h>
#endif

enum { SUM_BITS = 7, ACROSS_BITS = 14 }; // fractions of the sums, and of the weights

// band is a plane on its way: its latest rows in a ring, and the rows that are
// out already.
typedef struct {
	uint8_t *ring;
	ptrdiff_t pitch;
	int mask, height; // of the ring; rows that there will be
	axes by;
	int16_t *sums;
	uint8_t *dst;
	ptrdiff_t dst_stride;
	int out;
} band;

static uint8_t *row_of(const band *b, int row)
{
	return b->ring + (row & b->mask) * b->pitch;
}

// blend adds four weighted rows to the sums, or begins them. The weights of all
// rows sum to 256, so that a sum stays within 15 bits and a sign.
CLONES
static void blend(const uint8_t *const *rows, const uint16_t *weights, int16_t *restrict sums, int width, int begin)
{
	const uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
	uint16_t wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
	if (begin) {
		for (int i = 0; i < width; i++)
			sums[i] = (uint16_t)(wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i]) >> 1;
	} else {
		for (int i = 0; i < width; i++)
			sums[i] += (uint16_t)(wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i]) >> 1;
	}
}

static int weight(const filter *f, int output, int tap)
{
	return f->weight[2 * (tap / 2 * f->count + output) + tap % 2];
}

// down sums up the rows of which an output row is made.
static void down(const band *b, int width)
{
	const filter *f = &b->by.down;
	for (int tap = 0; tap < f->taps; tap += 4) {
		const uint8_t *rows[4];
		uint16_t weights[4];
		for (int k = 0; k < 4; k++) {
			rows[k] = row_of(b, f->start[b->out] + tap + k);
			weights[k] = tap + k < f->taps ? weight(f, b->out, tap + k) : 0;
		}
		blend(rows, weights, b->sums, width, tap == 0);
	}
}

#if defined(__x86_64__) && defined(__gnu_linux__)
__attribute__((target("avx2")))
static inline __m256i load_pair(const int16_t *low, const int16_t *high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)low)),
		_mm_loadu_si128((const __m128i *)high), 1);
}

// across_avx2 makes eight outputs at a time, and returns how many it has made.
__attribute__((target("avx2")))
static int across_avx2(const filter *f, const int16_t *sums, uint8_t *dst)
{
	const __m256i half = _mm256_set1_epi32(1 << (SUM_BITS + ACROSS_BITS - 1));
	int i = 0;
	for (; i + 8 <= f->count; i += 8) {
		const int16_t *low = sums + f->start[i], *high = sums + f->start[i + 4];
		__m256i pick = _mm256_loadu_si256((const __m256i *)(f->pick + i)), sum = half;
		for (int tap = 0; tap < f->taps; tap += 2) {
			__m256i w = _mm256_loadu_si256((const __m256i *)(f->weight + 2 * (tap / 2 * f->count + i)));
			__m256i samples = _mm256_shuffle_epi8(load_pair(low + tap, high + tap), pick);
			sum = _mm256_add_epi32(sum, _mm256_madd_epi16(samples, w));
		}
		sum = _mm256_srai_epi32(sum, SUM_BITS + ACROSS_BITS);
		sum = _mm256_packs_epi32(sum, sum);
		sum = _mm256_packus_epi16(sum, sum);
		*(uint32_t *)(dst + i) = _mm_cvtsi128_si32(_mm256_castsi256_si128(sum));
		*(uint32_t *)(dst + i + 4) = _mm_cvtsi128_si32(_mm256_extracti128_si256(sum, 1));
	}
	return i;
}
#endif

// across makes an output row of the sums.
static void across(const filter *f, const int16_t *sums, uint8_t *dst)
{
	int i = 0;
#if defined(__x86_64__) && defined(__gnu_linux__)
	if (f->pick && __builtin_cpu_supports("avx2"))
		i = across_avx2(f, sums, dst);
#endif
	for (; i < f->count; i++) {
		int32_t sum = 1 << (SUM_BITS + ACROSS_BITS - 1);
		for (int tap = 0; tap < f->taps; tap++)
			sum += weight(f, i, tap) * sums[f->start[i] + tap];
		dst[i] = sum >> (SUM_BITS + ACROSS_BITS);
	}
}

// emit makes the output rows whose input rows are all there.
static void emit(band *b, int width, int ready)
{
	const filter *f = &b->by.down;
	while (b->out < f->count) {
		int end = f->start[b->out] + f->taps;
		if ((end < b->height ? end : b->height) > ready)
			return;
		down(b, width);
		across(&b->by.across, b->sums, b->dst + b->out * b->dst_stride);
		b->out++;
	}
}

void scale_bgrx(const uint8_t *src, ptrdiff_t src_stride, planes dst, scaler s)
{
	ptrdiff_t pitch = s.width + ROW_PAD, c_pitch = s.width / 2 + ROW_PAD;
	int mask = s.rows - 1;
	uint8_t *y = s.scratch, *cb = y + s.rows * pitch, *cr = cb + s.rows * c_pitch;
	int16_t *sums = (int16_t *)(cr + s.rows * c_pitch);
	band bands[] = {
		{y, pitch, mask, s.height, s.luma, sums, dst.y, dst.y_stride, 0},
		{cb, c_pitch, mask, s.height / 2, s.chroma, sums, dst.cb, dst.c_stride, 0},
		{cr, c_pitch, mask, s.height / 2, s.chroma, sums, dst.cr, dst.c_stride, 0},
	};
	for (int row = 0; row < s.height; row += 2) {
		const uint8_t *top = src + row * src_stride, *low = top + src_stride;
		luma_row((const uint32_t *)top, row_of(&bands[0], row), s.width);
		luma_row((const uint32_t *)low, row_of(&bands[0], row + 1), s.width);
		chroma_row((const uint64_t *)top, (const uint64_t *)low,
			row_of(&bands[1], row / 2), row_of(&bands[2], row / 2), s.width / 2);
		emit(&bands[0], s.width, row + 2);
		emit(&bands[1], s.width / 2, row / 2 + 1);
		emit(&bands[2], s.width / 2, row / 2 + 1);
	}
}
