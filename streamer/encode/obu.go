package encode

import "encoding/binary"

// Types of the open bitstream units of AV1, 6.2.2.
const (
	obuSequence    = 1
	obuFrameHeader = 3
	obuFrame       = 6
)

// isKeyAV1 looks for a sequence header, then a key frame (AV1, 5.9.2).
func isKeyAV1(unit []byte) bool {
	sequence := false
	for len(unit) > 0 {
		kind, payload, rest, ok := nextOBU(unit)
		if !ok {
			return false
		}
		switch kind {
		case obuSequence:
			sequence = true
		case obuFrame, obuFrameHeader:
			// show_existing_frame in 1 bit, frame_type in 2: 0 is a key frame.
			return sequence && len(payload) > 0 && payload[0]>>5 == 0
		}
		unit = rest
	}
	return false
}

// nextOBU parts a unit (AV1, 5.3) from what follows it.
func nextOBU(data []byte) (kind byte, payload, rest []byte, ok bool) {
	header := data[0]
	kind, data = header>>3&0xf, data[1:]
	if header&0b100 != 0 { // extension
		if len(data) == 0 {
			return 0, nil, nil, false
		}
		data = data[1:]
	}
	if header&0b10 == 0 { // without a size: to the end
		return kind, data, nil, true
	}
	size, n := binary.Uvarint(data) // leb128 (AV1, 4.10.5) is the same
	if n <= 0 || size > uint64(len(data)-n) {
		return 0, nil, nil, false
	}
	return kind, data[n:][:size], data[n:][size:], true
}
