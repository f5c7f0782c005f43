package encode

import "bytes"

// NAL unit types of H.264, table 7-1.
const (
	nalIDR = 5
	nalSPS = 7
	nalPPS = 8
)

// nalTypes calls yield with the type of each NAL unit of an access unit in
// Annex B form, until it returns false.
func nalTypes(data []byte, yield func(kind byte) bool) {
	for {
		i := bytes.Index(data, []byte{0, 0, 1})
		if i < 0 || i+3 >= len(data) {
			return
		}
		data = data[i+3:]
		if !yield(data[0] & 0x1f) {
			return
		}
	}
}

// isKey reports whether decoding can start at the access unit: parameter sets,
// then an IDR. Slices are last, so that only the first one is looked for.
func isKey(data []byte) bool {
	var sps, pps, idr bool
	nalTypes(data, func(kind byte) bool {
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
