package xconn

import (
	"fmt"
	"io"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// Extension is the name by which an X server knows an extension.
type Extension string

// The extensions that playcast uses.
const (
	Damage       Extension = "DAMAGE"
	SharedMemory Extension = "MIT-SHM"
	Fixes        Extension = "XFIXES"
	Test         Extension = "XTEST"
	RandR        Extension = "RANDR"
	Keyboard     Extension = "XKEYBOARD"
)

// Event is an event of an extension, as the 32 bytes that came over the wire.
// The extension's package decodes it: damage.NotifyEventNew(e.Bytes()).
type Event []byte

var _ xgb.Event = Event(nil)

// Number is the event's number without the mark of a sent event.
func (e Event) Number() byte { return e[0] &^ 0x80 }

// Bytes returns the event as it came.
func (e Event) Bytes() []byte { return e }

// String names the event by its number.
func (e Event) String() string { return fmt.Sprintf("extension event %d", e.Number()) }

// Error is an error of an extension, as the 32 bytes that came over the wire.
type Error []byte

var _ xgb.Error = Error(nil)

// SequenceId is the sequence number of the request that failed.
func (e Error) SequenceId() uint16 { return xgb.Get16(e[2:]) }

// BadId is the value that the server refused.
func (e Error) BadId() uint32 { return xgb.Get32(e[4:]) }

// Error names the error and the request by their numbers.
func (e Error) Error() string {
	return fmt.Sprintf("extension error %d for request %d.%d, value 0x%x",
		e[1], e[10], xgb.Get16(e[8:]), e.BadId())
}

// FirstEvent returns the number of the extension's first event on this
// server: its event n has the number FirstEvent+n.
func FirstEvent(c *xgb.Conn, ext Extension) (byte, error) {
	reply, err := query(c, ext)
	if err != nil {
		return 0, err
	}
	return reply.FirstEvent, nil
}

// enable does what the Init of the extension's package does, without its
// writes to xgb's maps, and agrees on a version where the protocol asks for it.
func enable(c *xgb.Conn, ext Extension) error {
	reply, err := query(c, ext)
	if err != nil {
		return err
	}
	c.ExtLock.Lock()
	c.Extensions[string(ext)] = reply.MajorOpcode
	c.ExtLock.Unlock()
	switch ext {
	case Damage:
		_, err = damage.QueryVersion(c, 1, 1).Reply()
	case SharedMemory:
		_, err = shm.QueryVersion(c).Reply()
	case Fixes:
		_, err = xfixes.QueryVersion(c, 4, 0).Reply()
	case Test:
		_, err = xtest.GetVersion(c, 2, 2).Reply()
	case RandR:
		_, err = randr.QueryVersion(c, 1, 3).Reply()
	case Keyboard:
		_, err = Ask(c, useKeyboard(reply.MajorOpcode))
	}
	if err != nil {
		return fmt.Errorf("version of extension %s: %w", ext, err)
	}
	return nil
}

// useKeyboard is XKEYBOARD's UseExtension (its protocol, section 16), for which
// xgb has no package.
func useKeyboard(major byte) []byte { return []byte{major, 0, 2, 0, 1, 0, 0, 0} }

// Ask sends a request of an extension that xgb does not know, and returns the
// reply, of 32 bytes or more.
func Ask(c *xgb.Conn, request []byte) ([]byte, error) {
	cookie := c.NewCookie(true, true)
	c.NewRequest(request, cookie)
	return cookie.Reply()
}

// Tell sends a request of such an extension that has no reply, and returns when
// the server has done it.
func Tell(c *xgb.Conn, request []byte) error {
	cookie := c.NewCookie(true, false)
	c.NewRequest(request, cookie)
	return cookie.Check()
}

// Opcode is the number of an extension that was passed to Dial.
func Opcode(c *xgb.Conn, ext Extension) byte {
	c.ExtLock.RLock()
	defer c.ExtLock.RUnlock()
	return c.Extensions[string(ext)]
}

func query(c *xgb.Conn, ext Extension) (*xproto.QueryExtensionReply, error) {
	reply, err := xproto.QueryExtension(c, uint16(len(ext)), string(ext)).Reply()
	if err != nil {
		return nil, fmt.Errorf("query extension %s: %w", ext, err)
	}
	if !reply.Present {
		return nil, fmt.Errorf("the server has no extension %s", ext)
	}
	return reply, nil
}

// prepareTables fills xgb's tables for all extensions at once, before the
// first connection reads them, so that nobody ever has to write them again.
// Numbers from 64 are events of extensions, from 128 errors of extensions.
// xgb's own log goes too: each thing that it tells is returned to the caller.
var prepareTables = sync.OnceFunc(func() {
	xgb.Logger.SetOutput(io.Discard)
	for n := 64; n < 128; n++ {
		xgb.NewEventFuncs[n] = func(buf []byte) xgb.Event { return Event(buf) }
	}
	for n := 128; n < 256; n++ {
		xgb.NewErrorFuncs[n] = func(buf []byte) xgb.Error { return Error(buf) }
	}
})
