package window

import (
	"fmt"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// atoms are the names that are spoken with clients, as the server numbers them.
type atoms map[string]xproto.Atom

// names are all of them: of ICCCM, and of EWMH those that begin with _NET.
var names = []string{
	"WM_PROTOCOLS", "WM_TAKE_FOCUS", "WM_DELETE_WINDOW", "WM_STATE", "UTF8_STRING", "_NET_WM_PING",
	"_NET_SUPPORTED", "_NET_SUPPORTING_WM_CHECK", "_NET_WM_NAME", "_NET_CLIENT_LIST", "_NET_ACTIVE_WINDOW",
	"_NET_NUMBER_OF_DESKTOPS", "_NET_CURRENT_DESKTOP", "_NET_DESKTOP_GEOMETRY", "_NET_DESKTOP_VIEWPORT", "_NET_WORKAREA",
	"_NET_WM_STATE", "_NET_WM_STATE_FULLSCREEN", "_NET_CLOSE_WINDOW", "_NET_FRAME_EXTENTS", "_NET_REQUEST_FRAME_EXTENTS",
	"_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_NORMAL", "_NET_WM_WINDOW_TYPE_DIALOG", "_NET_WM_WINDOW_TYPE_UTILITY",
	"_NET_WM_WINDOW_TYPE_SPLASH", "_NET_WM_WINDOW_TYPE_NOTIFICATION", "_NET_WM_WINDOW_TYPE_TOOLTIP",
}

func internAtoms(conn *xgb.Conn) (atoms, error) {
	cookies := make([]xproto.InternAtomCookie, len(names))
	for i, name := range names {
		cookies[i] = xproto.InternAtom(conn, false, uint16(len(name)), name)
	}
	a := atoms{}
	for i, cookie := range cookies {
		reply, err := cookie.Reply()
		if err != nil {
			return nil, fmt.Errorf("intern %s: %w", names[i], err)
		}
		a[names[i]] = reply.Atom
	}
	return a, nil
}

// tells says whether a window's property of this name counts here.
func (a atoms) tells(name xproto.Atom) bool {
	return slices.Contains([]xproto.Atom{
		xproto.AtomWmNormalHints, xproto.AtomWmHints, xproto.AtomWmTransientFor, a["WM_PROTOCOLS"],
	}, name)
}

// present says what this window manager can, by a window that lives as long
// (EWMH, "Root Window Properties").
func (m *Manager) present() error {
	check, err := xproto.NewWindowId(m.conn)
	if err != nil {
		return err
	}
	xproto.CreateWindow(m.conn, 0, check, m.root, -1, -1, 1, 1, 0, xproto.WindowClassInputOnly, 0, xproto.CwOverrideRedirect, []uint32{1})
	for _, window := range []xproto.Window{m.root, check} {
		m.set(window, "_NET_SUPPORTING_WM_CHECK", xproto.AtomWindow, uint32(check))
	}
	name := "playcast"
	xproto.ChangeProperty(m.conn, xproto.PropModeReplace, check, m.atoms["_NET_WM_NAME"], m.atoms["UTF8_STRING"], 8, uint32(len(name)), []byte(name))
	var supported []uint32
	for _, name := range names {
		if name[0] == '_' {
			supported = append(supported, uint32(m.atoms[name]))
		}
	}
	width, height := uint32(m.screen.X), uint32(m.screen.Y)
	m.set(m.root, "_NET_SUPPORTED", xproto.AtomAtom, supported...)
	m.set(m.root, "_NET_NUMBER_OF_DESKTOPS", xproto.AtomCardinal, 1)
	m.set(m.root, "_NET_CURRENT_DESKTOP", xproto.AtomCardinal, 0)
	m.set(m.root, "_NET_DESKTOP_GEOMETRY", xproto.AtomCardinal, width, height)
	m.set(m.root, "_NET_DESKTOP_VIEWPORT", xproto.AtomCardinal, 0, 0)
	m.set(m.root, "_NET_WORKAREA", xproto.AtomCardinal, 0, 0, width, height)
	m.list()
	// The last is waited for: then all of it is there before the first game asks.
	return xproto.ChangeWindowAttributesChecked(m.conn, m.root, xproto.CwBackPixel, []uint32{0}).Check()
}

// list tells which windows there are.
func (m *Manager) list() {
	ids := make([]uint32, len(m.clients))
	for i, c := range m.clients {
		ids[i] = uint32(c.id)
	}
	m.set(m.root, "_NET_CLIENT_LIST", xproto.AtomWindow, ids...)
	m.health.see(m.clients)
}

// set sets a property of 32-bit values.
func (m *Manager) set(window xproto.Window, name string, kind xproto.Atom, values ...uint32) {
	data := make([]byte, 4*len(values))
	for i, v := range values {
		xgb.Put32(data[4*i:], v)
	}
	xproto.ChangeProperty(m.conn, xproto.PropModeReplace, window, m.atoms[name], kind, 32, uint32(len(values)), data)
}
