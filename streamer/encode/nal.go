package encode

import "bytes"

// NAL unit types of H.264, table 7-1.
const (
	nalIDR = 5
	nalSPS = 7
	nalPPS = 8
)

// isKeyH264 looks for parameter sets, then an IDR. Slices are last, so that
// only the first one is looked for.
func isKeyH264(unit []byte) bool {
	var sps, pps, idr bool
	nalUnits(unit, func(nal []byte) bool {
		kind := nal[0] & 0x1f
		switch kind {
		case nalSPS:
			sps = true
		case nalPPS:
			pps = true
		case nalIDR:
			idr = true
		}
		return kind > nalIDR // 1 to 5 are slices
	})
	return sps && pps && idr
}

// isKeyH265 looks for parameter sets (H.265, table 7-1: 32 to 34), then a
// picture that refers to none before it (16 to 21).
func isKeyH265(unit []byte) bool {
	var sets [3]bool
	random := false
	nalUnits(unit, func(nal []byte) bool {
		kind := nal[0] >> 1 & 0x3f
		switch {
		case kind >= 32 && kind <= 34:
			sets[kind-32] = true
		case kind >= 16 && kind <= 21:
			random = true
		}
		return kind >= 32 // the others are slices
	})
	return random && sets == [3]bool{true, true, true}
}

// nalUnits calls yield with each NAL unit of an access unit in Annex B form and
// what follows it, until it returns false.
func nalUnits(data []byte, yield func(nal []byte) bool) {
	for {
		i := bytes.Index(data, []byte{0, 0, 1})
		if i < 0 || i+3 >= len(data) {
			return
		}
		data = data[i+3:]
		if !yield(data) {
			return
		}
	}
}
