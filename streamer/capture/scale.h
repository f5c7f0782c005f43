// A picture is scaled down while it is converted, a few rows at a time, so that
// only the small one is ever written out.
#include "convert.h"

// filter gives each output sample as a weighted sum of taps input samples, an
// even number, from start on. Weights lie by pairs of taps: those of pair p and
// output i are weight[2*(p*count+i)] and the one behind it. pick, for every
// output, says where the first pair lies among eight input samples from the
// first output of its four on, as pshufb wants it; NULL where it does not fit.
typedef struct {
	const int32_t *start;
	const int16_t *weight;
	const uint32_t *pick;
	int count, taps;
} filter;

// axes are the filters of a plane: across sums to 1<<14, down to 1<<8.
typedef struct {
	filter across, down;
} axes;

// scaler says how a picture of width*height is scaled. The scratch memory holds
// rows of each converted plane in a ring, a power of two of them, each with
// ROW_PAD bytes behind it, and one row of sums: see scratch_size in scale.go.
typedef struct {
	axes luma, chroma;
	uint8_t *scratch;
	int width, height, rows;
} scaler;

enum { ROW_PAD = 64 };

// scale_bgrx converts as convert_bgrx does, and scales to the filters' counts.
void scale_bgrx(const uint8_t *src, ptrdiff_t src_stride, planes dst, scaler s);
