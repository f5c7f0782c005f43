package encode

import (
	"bytes"
	"errors"
	"fmt"
)

// describeColour returns the access unit with its sequence parameter set saying
// what the pictures are: BT.709, limited range. Decoders otherwise guess by the
// size of the picture, or take BT.601. An access unit without a parameter set
// is returned as it is.
func describeColour(unit []byte) ([]byte, error) {
	startCode := []byte{0, 0, 1}
	for from := 0; ; {
		i := bytes.Index(unit[from:], startCode)
		if i < 0 || from+i+3 >= len(unit) {
			return unit, nil
		}
		from += i + 3
		if unit[from]&0x1f != nalSPS {
			continue
		}
		end := len(unit)
		if n := bytes.Index(unit[from:], startCode); n >= 0 {
			end = from + n
		}
		nal := bytes.TrimRight(unit[from:end], "\x00") // the next start code may be longer
		described, err := describeSPS(unescape(nal))
		if err != nil {
			return nil, fmt.Errorf("sequence parameter set: %w", err)
		}
		out := append(make([]byte, 0, len(unit)+16), unit[:from]...)
		out = append(out, escape(described)...)
		return append(out, unit[from+len(nal):]...), nil
	}
}

var (
	errShortSPS   = errors.New("cut short")
	errProfileSPS = errors.New("not of the baseline, main or extended profile")
)

// describeSPS rewrites a parameter set (H.264, 7.3.2.1.1) with the
// video_signal_type of its VUI (E.1.1) set.
func describeSPS(sps []byte) ([]byte, error) {
	stop := lastBit(sps)
	if stop < 4*8 {
		return nil, errShortSPS
	}
	switch sps[1] {
	case 66, 77, 88: // the others have more fields
	default:
		return nil, errProfileSPS
	}
	r := &bitReader{data: sps, at: 4 * 8}
	skipToVUI(r)
	w := &bitWriter{}
	hasVUI := r.bits(1) == 1
	if hasVUI {
		if r.bits(1) == 1 && r.bits(8) == 255 { // aspect ratio
			r.bits(32)
		}
		if r.bits(1) == 1 { // overscan
			r.bits(1)
		}
		w.copyBits(sps, 0, r.at)
		if r.bits(1) == 1 { // video signal type
			r.bits(4)
			if r.bits(1) == 1 {
				r.bits(24)
			}
		}
	} else {
		w.copyBits(sps, 0, r.at-1)
		w.write(0b100, 3) // VUI, no aspect ratio, no overscan
	}
	if r.at > stop {
		return nil, errShortSPS
	}
	w.write(1, 1)          // video signal type:
	w.write(5, 3)          // unspecified format
	w.write(0, 1)          // limited range
	w.write(1, 1)          // colour description:
	w.write(0x010101, 3*8) // BT.709 primaries, transfer, matrix
	if !hasVUI {
		w.write(0, 6) // nothing else in the VUI
	}
	w.copyBits(sps, r.at, stop+1)
	return w.data, nil
}

// skipToVUI reads from the parameter set's id to before the VUI's flag.
func skipToVUI(r *bitReader) {
	r.exp() // id
	r.exp() // frame number
	switch r.exp() {
	case 0:
		r.exp()
	case 1: // picture order by a cycle
		r.bits(1)
		r.exp()
		r.exp()
		for n := r.exp(); n > 0 && !r.over(); n-- {
			r.exp()
		}
	}
	r.exp() // reference frames
	r.bits(1)
	r.exp() // width
	r.exp() // height
	if r.bits(1) == 0 {
		r.bits(1)
	}
	r.bits(1)
	if r.bits(1) == 1 { // cropping
		for range 4 {
			r.exp()
		}
	}
}
