package keyboard

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jezek/xgb"

	"github.com/playcast/playcast/streamer/xconn"
)

// The requests of XKEYBOARD that are sent (The X Keyboard Extension: Protocol
// Specification, section 16), by their numbers.
const (
	xkbLatchLockState = 5
	xkbGetKbdByName   = 23
)

// coreKeyboard names the keyboard that all clients see.
const coreKeyboard = 0x100

// xkb speaks XKEYBOARD, for which xgb has no package.
type xkb struct {
	conn  *xgb.Conn
	major byte
}

func newXKB(conn *xgb.Conn) xkb { return xkb{conn, xconn.Opcode(conn, xconn.Keyboard)} }

func (x xkb) request(minor byte) []byte {
	return binary.LittleEndian.AppendUint16([]byte{x.major, minor, 0, 0}, coreKeyboard)
}

// errNotLoaded: the server could not make a keyboard map of the components.
var errNotLoaded = errors.New("the X server can't load the keyboard map")

// load has the server compile a keyboard map and use it. A component that is
// empty stays as it is. The strings go into a file that the server's xkbcomp
// reads: they are ours, or checked.
func (x xkb) load(keycodes, types, compat, symbols string) error {
	le := binary.LittleEndian
	req := x.request(xkbGetKbdByName)
	req = le.AppendUint16(req, 0)   // need
	req = le.AppendUint16(req, 0)   // want: tell us nothing of it
	req = append(req, 1, 0)         // load it
	const keymap, geometry = "", "" // no map that is made already, and no picture of it
	for _, name := range []string{keymap, keycodes, types, compat, symbols, geometry} {
		if len(name) > 255 {
			return fmt.Errorf("%w: a name of %d bytes", errNotLoaded, len(name))
		}
		req = append(append(req, byte(len(name))), name...)
	}
	reply, err := xconn.Ask(x.conn, sized(req))
	if err != nil {
		return fmt.Errorf("load the keyboard map: %w", err)
	}
	if loaded := reply[10]; loaded == 0 {
		return errNotLoaded
	}
	return nil
}

// lock sets which modifiers of those that are concerned are locked.
func (x xkb) lock(concerned, locked byte) error {
	req := append(x.request(xkbLatchLockState), concerned, locked, 0, 0, 0, 0, 0, 0, 0, 0)
	if err := xconn.Tell(x.conn, sized(req)); err != nil {
		return fmt.Errorf("lock modifiers: %w", err)
	}
	return nil
}

// sized fills a request up to whole words and says how many they are.
func sized(req []byte) []byte {
	for len(req)%4 != 0 {
		req = append(req, 0)
	}
	binary.LittleEndian.PutUint16(req[2:], uint16(len(req)/4))
	return req
}
