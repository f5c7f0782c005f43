package input

import "encoding/binary"

// MaxPads is how many gamepads a sender can have.
const MaxPads = 4

// Pad is a gamepad in a message, without its buttons, which have codes.
type Pad struct {
	Connected bool
	Axes      [4]int16 // left x, left y, right x, right y; right and down are positive
	Triggers  [2]uint8 // left, right; 255: pulled whole
}

// padSize is the size of a connected pad in bytes.
const padSize = 4*2 + 2

func (p *Pad) append(buf []byte) []byte {
	for _, axis := range p.Axes {
		buf = binary.LittleEndian.AppendUint16(buf, uint16(axis))
	}
	return append(buf, p.Triggers[:]...)
}

// connected has a bit for each pad that is.
func (m *Message) connected() (mask byte) {
	for i := range m.Pads {
		if m.Pads[i].Connected {
			mask |= 1 << i
		}
	}
	return mask
}

// decodePads reads those of the mask.
func (m *Message) decodePads(mask byte, data []byte) {
	for i := range m.Pads {
		m.Pads[i] = Pad{}
		if mask&(1<<i) == 0 {
			continue
		}
		p := &m.Pads[i]
		p.Connected = true
		for axis := range p.Axes {
			p.Axes[axis] = int16(binary.LittleEndian.Uint16(data[2*axis:]))
		}
		copy(p.Triggers[:], data[8:padSize])
		data = data[padSize:]
	}
}

// PadButtons is how many buttons a pad has: those of the W3C's standard gamepad.
const PadButtons = 17

// The triggers among the buttons, left and right.
const (
	buttonLeftTrigger  = 6
	buttonRightTrigger = 7
)

// PadButton is the code of a button of a pad, both counted from 0.
func PadButton(pad, button int) Code { return firstPadCode + Code(padCodes*pad+button) }

const (
	firstPadCode = 512
	padCodes     = 32 // from one pad's first code to the next one's
)

// pad returns whose and which button the code is, and whether it is one.
func (c Code) pad() (pad, button int, ok bool) {
	if c < firstPadCode {
		return 0, 0, false
	}
	pad, button = int(c-firstPadCode)/padCodes, int(c-firstPadCode)%padCodes
	return pad, button, pad < MaxPads && button < PadButtons
}
