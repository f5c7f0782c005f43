package input

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// Version is the version of the message format that this package speaks.
const Version = 2

// Limits of a message.
const (
	MaxHeld    = 100
	MaxRecent  = 8
	headerSize = 33
	// MaxMessage is the size of the largest message in bytes.
	MaxMessage = headerSize + 2*MaxHeld + 2*MaxRecent + MaxPads*padSize
)

// Mode says how the pointer moves.
type Mode uint8

// The pointer's modes.
const (
	Absolute Mode = 0
	Relative Mode = 1
)

// Message is the state of a player's keyboard, mouse and gamepads; the package
// documentation says what its parts mean.
type Message struct {
	Mode           Mode
	Sequence       uint32
	X, Y           uint16
	DX, DY         int32
	WheelX, WheelY int32
	Changes        uint32
	Held           []Code       // ascending, at most MaxHeld
	Recent         []Change     // oldest first, the smaller of Changes and MaxRecent
	Pads           [MaxPads]Pad `json:",omitzero"`
}

// Change is one press or release.
type Change struct {
	Code    Code
	Pressed bool
}

const pressedBit = 1 << 15

// Append appends the message in its wire form, or returns an error if it is
// none that Decode would take.
func (m *Message) Append(buf []byte) ([]byte, error) {
	if err := m.check(); err != nil {
		return buf, err
	}
	le := binary.LittleEndian
	buf = append(buf, Version, byte(m.Mode))
	buf = le.AppendUint32(buf, m.Sequence)
	buf = le.AppendUint16(buf, m.X)
	buf = le.AppendUint16(buf, m.Y)
	for _, sum := range []int32{m.DX, m.DY, m.WheelX, m.WheelY} {
		buf = le.AppendUint32(buf, uint32(sum))
	}
	buf = le.AppendUint32(buf, m.Changes)
	buf = append(buf, byte(len(m.Held)), byte(len(m.Recent)), m.connected())
	for _, code := range m.Held {
		buf = le.AppendUint16(buf, uint16(code))
	}
	for _, change := range m.Recent {
		code := uint16(change.Code)
		if change.Pressed {
			code |= pressedBit
		}
		buf = le.AppendUint16(buf, code)
	}
	for i := range m.Pads {
		if m.Pads[i].Connected {
			buf = m.Pads[i].append(buf)
		}
	}
	return buf, nil
}

// Decode reads a message into m, whose slices it uses again: decoding into
// the same Message allocates nothing after a while. On an error, which wraps
// ErrMalformed, m holds nothing of use.
func (m *Message) Decode(data []byte) error {
	if len(data) < headerSize {
		return fmt.Errorf("%w: %d bytes, want at least %d", ErrMalformed, len(data), headerSize)
	}
	if data[0] != Version {
		return fmt.Errorf("%w: version %d, want %d", ErrMalformed, data[0], Version)
	}
	held, recent, pads := int(data[30]), int(data[31]), bits.OnesCount8(data[32])
	if want := headerSize + 2*held + 2*recent + padSize*pads; len(data) != want {
		return fmt.Errorf("%w: %d bytes, want %d for %d held and %d recent codes and %d pads",
			ErrMalformed, len(data), want, held, recent, pads)
	}
	if data[32] >= 1<<MaxPads {
		return fmt.Errorf("%w: pads %#x, want at most %d of them", ErrMalformed, data[32], MaxPads)
	}
	le := binary.LittleEndian
	m.Mode = Mode(data[1])
	m.Sequence = le.Uint32(data[2:])
	m.X, m.Y = le.Uint16(data[6:]), le.Uint16(data[8:])
	m.DX, m.DY = int32(le.Uint32(data[10:])), int32(le.Uint32(data[14:]))
	m.WheelX, m.WheelY = int32(le.Uint32(data[18:])), int32(le.Uint32(data[22:]))
	m.Changes = le.Uint32(data[26:])
	m.Held, m.Recent = m.Held[:0], m.Recent[:0]
	codes := data[headerSize:]
	for i := range held {
		m.Held = append(m.Held, Code(le.Uint16(codes[2*i:])))
	}
	codes = codes[2*held:]
	for i := range recent {
		code := le.Uint16(codes[2*i:])
		m.Recent = append(m.Recent, Change{Code(code &^ pressedBit), code&pressedBit != 0})
	}
	m.decodePads(data[32], codes[2*recent:])
	return m.check()
}

func (m *Message) check() error {
	if m.Mode > Relative {
		return fmt.Errorf("%w: pointer mode %d, want 0 or 1", ErrMalformed, m.Mode)
	}
	if len(m.Held) > MaxHeld {
		return fmt.Errorf("%w: %d codes held, want at most %d", ErrMalformed, len(m.Held), MaxHeld)
	}
	if want := min(m.Changes, MaxRecent); len(m.Recent) != int(want) {
		return fmt.Errorf("%w: %d recent changes of %d, want %d", ErrMalformed, len(m.Recent), m.Changes, want)
	}
	for i, code := range m.Held {
		if !code.valid() {
			return fmt.Errorf("%w: held code %d is no key or button", ErrMalformed, code)
		}
		if i > 0 && code <= m.Held[i-1] {
			return fmt.Errorf("%w: held code %d after %d, want ascending", ErrMalformed, code, m.Held[i-1])
		}
		if pad, _, ok := code.pad(); ok && !m.Pads[pad].Connected {
			return fmt.Errorf("%w: held code %d is of a pad that is not connected", ErrMalformed, code)
		}
	}
	for _, change := range m.Recent {
		if !change.Code.valid() {
			return fmt.Errorf("%w: changed code %d is no key or button", ErrMalformed, change.Code)
		}
	}
	return nil
}

// ErrMalformed: the bytes are no input message of this version.
var ErrMalformed = errors.New("malformed input message")
