package encode

import (
	"bytes"
	"math/bits"
)

// bitReader reads from the most significant bit on. Past the end it reads
// zeros, and over reports it.
type bitReader struct {
	data []byte
	at   int // in bits
}

func (r *bitReader) over() bool { return r.at > 8*len(r.data) }

func (r *bitReader) bits(n int) uint32 {
	var v uint32
	for range n {
		v <<= 1
		if i := r.at / 8; i < len(r.data) {
			v |= uint32(r.data[i]>>(7-r.at%8)) & 1
		}
		r.at++
	}
	return v
}

// exp reads an Exp-Golomb code (H.264, 9.1).
func (r *bitReader) exp() uint32 {
	zeros := 0
	for zeros < 32 && !r.over() && r.bits(1) == 0 {
		zeros++
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// bitWriter appends from the most significant bit on.
type bitWriter struct {
	data []byte
	free int // bits of the last byte
}

func (w *bitWriter) write(v uint32, n int) {
	for n--; n >= 0; n-- {
		if w.free == 0 {
			w.data, w.free = append(w.data, 0), 8
		}
		w.free--
		w.data[len(w.data)-1] |= byte(v>>n&1) << w.free
	}
}

// copyBits appends the bits of data from the one to before the other.
func (w *bitWriter) copyBits(data []byte, from, to int) {
	for r := (&bitReader{data: data, at: from}); r.at < to; {
		w.write(r.bits(1), 1)
	}
}

// lastBit is the position of the last bit that is set, which ends the payload
// of a NAL unit; -1 if there is none.
func lastBit(data []byte) int {
	data = bytes.TrimRight(data, "\x00")
	if len(data) == 0 {
		return -1
	}
	return 8*len(data) - 1 - bits.TrailingZeros8(data[len(data)-1])
}

// unescape removes the bytes that keep start codes out of a NAL unit (H.264,
// 7.4.1.1), and escape puts them in.
func unescape(nal []byte) []byte { return bytes.ReplaceAll(nal, []byte{0, 0, 3}, []byte{0, 0}) }

func escape(payload []byte) []byte {
	var out []byte
	zeros := 0
	for _, b := range payload {
		if zeros >= 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		out = append(out, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return out
}
