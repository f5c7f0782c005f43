package record

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/Eyevinn/mp4ff/bits"
)

// Types of the open bitstream units of AV1, 6.2.2.
const (
	obuSequence  = 1
	obuDelimiter = 2
)

// units calls yield with each open bitstream unit of a temporal unit, header
// and all, until it returns false. It returns false where the data are none.
func units(data []byte, yield func(kind byte, unit, payload []byte) bool) bool {
	for len(data) > 0 {
		header, at := data[0], 1
		if header&0b100 != 0 { // extension
			at++
		}
		size := uint64(len(data) - at)
		if header&0b10 != 0 {
			if at > len(data) {
				return false
			}
			given, n := binary.Uvarint(data[at:]) // leb128 (AV1, 4.10.5) is the same
			if n <= 0 {
				return false
			}
			size, at = given, at+n
		}
		if at > len(data) || size > uint64(len(data)-at) {
			return false
		}
		end := at + int(size)
		if !yield(header>>3&0xf, data[:end], data[at:end]) {
			return true
		}
		data = data[end:]
	}
	return true
}

// sequenceHeader finds the sequence header of a key frame.
func sequenceHeader(data []byte) ([]byte, error) {
	var found []byte
	if !units(data, func(kind byte, unit, _ []byte) bool {
		if kind == obuSequence {
			found = unit
		}
		return found == nil
	}) || found == nil {
		return nil, fmt.Errorf("%w: a key frame of AV1 has no sequence header", ErrMedia)
	}
	return found, nil
}

// withoutDelimiters leaves out what a file may not hold (AV1 in ISOBMFF, 2.4).
func withoutDelimiters(data []byte) []byte {
	var kept []byte
	if !units(data, func(kind byte, unit, _ []byte) bool {
		if kind != obuDelimiter {
			kept = append(kept, unit...)
		}
		return true
	}) {
		return nil
	}
	return kept
}

// point is what a decoder must be able to do.
type point struct{ profile, level, tier byte }

// operatingPoint reads the first one of a sequence header (AV1, 5.5.1).
func operatingPoint(unit []byte) (point, error) {
	var payload []byte
	units(unit, func(_ byte, _, p []byte) bool { payload = p; return false })
	r := bits.NewReader(bytes.NewReader(payload))
	var p point
	p.profile = byte(r.Read(3))
	r.Read(1) // still_picture
	if reduced := r.Read(1); reduced == 1 {
		p.level = byte(r.Read(5))
		return p, r.AccError()
	}
	if timing := r.Read(1); timing == 1 {
		skipTiming(r)
	}
	r.Read(1 + 5 + 12) // initial_display_delay_present_flag, operating_points_cnt_minus_1, operating_point_idc
	p.level = byte(r.Read(5))
	if p.level > 7 {
		p.tier = byte(r.Read(1))
	}
	return p, r.AccError()
}

// skipTiming reads over timing_info and decoder_model_info.
func skipTiming(r *bits.Reader) {
	r.Read(32) // num_units_in_display_tick
	r.Read(32) // time_scale
	if equal := r.Read(1); equal == 1 {
		zeros := 0
		for ; r.AccError() == nil && zeros < 32 && r.Read(1) == 0; zeros++ {
		}
		r.Read(zeros) // num_ticks_per_picture_minus_1, uvlc
	}
	if model := r.Read(1); model == 1 {
		r.Read(5)
		r.Read(32)
		r.Read(5 + 5)
	}
}
