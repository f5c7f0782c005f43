package gamepad

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// The wire is the kernel's own: struct input_event of linux/input.h on 64 bits,
// struct js_event of linux/joystick.h, in the machine's order of bytes.
var native = binary.NativeEndian

const (
	eventSize = 24
	jsSize    = 8
)

// kind is which of the two a node is.
type kind struct {
	name  string // of the node, before its number
	bound string // of the socket, likewise; preload/pads.h holds the same
	js    bool
}

var (
	eventKind = kind{name: "event", bound: ".playcast-event"}
	jsKind    = kind{name: "js", bound: ".playcast-js", js: true}
	kinds     = [...]kind{jsKind, eventKind}
)

// encode appends changes that happened at once.
func (k kind) encode(changes []change, clock int32, buf []byte) []byte {
	if k.js {
		return encodeJS(changes, 0, buf)
	}
	if len(changes) == 0 {
		return buf
	}
	now := timeOf(clock)
	for _, c := range changes {
		if c.axis {
			buf = appendEvent(buf, now, evAbs, axisCodes[c.index], c.value)
		} else {
			buf = appendEvent(buf, now, evKey, buttonCodes[c.index], c.value)
		}
	}
	return appendEvent(buf, now, evSyn, synReport, 0)
}

// greeting is what a new reader gets: a byte, as preload/pads.h says, and of
// joydev all that there is.
func (k kind) greeting(r report) []byte {
	if k.js {
		return encodeJS(r.all(nil), jsInit, []byte{welcome})
	}
	return []byte{welcome}
}

const welcome = 1

// recovery is what a reader gets who has missed something.
func (k kind) recovery(r report, clock int32) []byte {
	if k.js {
		return encodeJS(r.all(nil), 0, nil)
	}
	now := timeOf(clock)
	buf := appendEvent(nil, now, evSyn, synDropped, 0)
	buf = appendEvent(buf, now, evSyn, synReport, 0)
	return k.encode(r.all(nil), clock, buf)
}

// timeOf is the time by one of the system's clocks.
func timeOf(clock int32) unix.Timespec {
	var now unix.Timespec
	if unix.ClockGettime(clock, &now) != nil {
		_ = unix.ClockGettime(unix.CLOCK_REALTIME, &now)
	}
	return now
}

func appendEvent(buf []byte, at unix.Timespec, kind, code uint16, value int32) []byte {
	buf = native.AppendUint64(buf, uint64(at.Sec))
	buf = native.AppendUint64(buf, uint64(at.Nsec/1000))
	buf = native.AppendUint16(buf, kind)
	buf = native.AppendUint16(buf, code)
	return native.AppendUint32(buf, uint32(value))
}

const jsButton, jsAxis, jsInit = 0x01, 0x02, 0x80

func encodeJS(changes []change, flags byte, buf []byte) []byte {
	at := timeOf(unix.CLOCK_MONOTONIC)
	now := uint32(time.Duration(at.Nano()).Milliseconds())
	for _, c := range changes {
		what, value := byte(jsButton), c.value
		if c.axis {
			what, value = jsAxis, jsValue(c.index, c.value)
		}
		buf = native.AppendUint32(buf, now)
		buf = native.AppendUint16(buf, uint16(value))
		buf = append(buf, what|flags, byte(c.index))
	}
	return buf
}

// jsValue stretches an axis to -32767…32767, as joydev does.
func jsValue(axis int, value int32) int32 {
	switch axisCodes[axis] {
	case 0x02, 0x05: // 0 to 255
		value = value*65534/255 - 32767
	case 0x10, 0x11: // -1 to 1
		value *= 32767
	}
	return max(-32767, min(value, 32767))
}

// state is a pad's, as struct state of preload/pads.h.
func (r report) state() []byte {
	var buf []byte
	for _, value := range r.axes {
		buf = native.AppendUint32(buf, uint32(value))
	}
	return native.AppendUint32(buf, r.buttons)
}

// What the library tells in an event beside what the game writes; preload/pads.h
// holds the same.
const (
	tellUpload = 0xff01
	tellErase  = 0xff02
	tellClock  = 0xff03
)

// order is what a game wants of a pad.
type order interface{ order() }

type (
	upload struct {
		id     uint16
		effect effect
	}
	erase struct{ id uint16 }
	play  struct {
		id    uint16
		times int32 // 0: stop
	}
	gain struct{ of uint16 } // 65535: all
	// setClock has events carry the time of another clock.
	setClock struct{ id int32 }
)

func (upload) order()   {}
func (erase) order()    {}
func (play) order()     {}
func (gain) order()     {}
func (setClock) order() {}

// decode reads an event that was written by or for a game, which may write what
// it likes; nil: it is nothing that a pad can do.
func decode(event [eventSize]byte) order {
	what, code := native.Uint16(event[16:]), native.Uint16(event[18:])
	value := int32(native.Uint32(event[20:]))
	switch {
	case what == evFF && code == ffGain:
		return gain{uint16(max(0, min(value, 0xffff)))}
	case what == evFF && code < maxEffects:
		return play{code, max(0, value)}
	case what == tellUpload && code < maxEffects:
		return upload{code, effect{
			strong: native.Uint16(event[0:]), weak: native.Uint16(event[2:]),
			length: time.Duration(native.Uint16(event[4:])) * time.Millisecond,
			delay:  time.Duration(native.Uint16(event[6:])) * time.Millisecond,
		}}
	case what == tellErase && code < maxEffects:
		return erase{code}
	case what == tellClock && (value == unix.CLOCK_REALTIME || value == unix.CLOCK_MONOTONIC || value == unix.CLOCK_BOOTTIME):
		return setClock{value}
	}
	return nil
}
