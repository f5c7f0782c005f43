package quality

import (
	"math/bits"
	"time"
)

const (
	// subBits splits each power of two into 16 buckets, so that a quantile is
	// off by 1/32 of its value at most.
	subBits    = 4
	subBuckets = 1 << subBits
	// topBit bounds what is told apart: 2^24 µs are 16.8 s. Longer times are
	// counted in the last bucket.
	topBit  = 24
	buckets = (topBit - subBits + 1) * subBuckets
)

// histogram counts durations in buckets of fixed bounds, at microseconds: the
// width grows with the value (the layout of HDR Histogram). Its size is fixed
// and recording allocates nothing. The zero value is empty.
type histogram struct {
	counts [buckets]uint32
	total  uint64
}

// record counts one duration; a negative one counts as zero.
func (h *histogram) record(d time.Duration) {
	h.counts[bucket(uint64(max(d.Microseconds(), 0)))]++
	h.total++
}

// bucket is the index for a value in microseconds. The first subBuckets hold
// one value each; after them every power of two has subBuckets.
func bucket(us uint64) int {
	if us < subBuckets {
		return int(us)
	}
	exp := bits.Len64(us) - 1 // us is in [2^exp, 2^(exp+1))
	if exp >= topBit {
		return buckets - 1
	}
	shift := exp - subBits
	return (shift+1)*subBuckets + int(us>>shift)&(subBuckets-1)
}

// middle is the value in microseconds that stands for a bucket.
func middle(bucket int) float64 {
	if bucket < subBuckets {
		return float64(bucket)
	}
	shift := bucket/subBuckets - 1
	low := uint64(subBuckets+bucket%subBuckets) << shift
	return float64(low) + float64(uint64(1)<<shift)/2
}

// quantile is the value in milliseconds that a part q of the durations does
// not exceed; 0 when nothing was recorded.
func (h *histogram) quantile(q float64) float64 {
	rank := max(uint64(q*float64(h.total)+0.5), 1)
	var seen uint64
	for i, n := range h.counts {
		if seen += uint64(n); n > 0 && seen >= rank {
			return middle(i) / 1000
		}
	}
	return 0
}
