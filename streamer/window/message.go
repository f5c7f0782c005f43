package window

import (
	"github.com/jezek/xgb/xproto"
)

// What a message wants of a state (EWMH, "_NET_WM_STATE").
const (
	stateRemove = 0
	stateAdd    = 1
	stateToggle = 2
)

// message takes what a client asks by a message. What is not known here, such
// as to be made an icon, is left undone: the picture would be empty.
func (m *Manager) message(e xproto.ClientMessageEvent) {
	if e.Format != 32 {
		return
	}
	data := e.Data.Data32
	switch e.Type {
	case m.atoms["WM_PROTOCOLS"]:
		if data[0] == uint32(m.atoms["_NET_WM_PING"]) {
			m.health.forget(xproto.Window(data[2]))
		}
		return
	case m.atoms["_NET_REQUEST_FRAME_EXTENTS"]: // of a window that is not shown yet
		m.set(e.Window, "_NET_FRAME_EXTENTS", xproto.AtomCardinal, 0, 0, 0, 0)
		return
	}
	c := m.client(e.Window)
	if c == nil {
		return
	}
	switch e.Type {
	case m.atoms["_NET_WM_STATE"]:
		full := uint32(m.atoms["_NET_WM_STATE_FULLSCREEN"])
		if data[1] == full || data[2] == full {
			m.fill(c, data[0])
		}
	case m.atoms["_NET_ACTIVE_WINDOW"]:
		m.lift(c)
	case m.atoms["_NET_CLOSE_WINDOW"]:
		m.shut(c)
	}
}

// fill gives a window the whole screen, or takes it from it.
func (m *Manager) fill(c *client, action uint32) {
	switch action {
	case stateRemove:
		c.wish.full = false
	case stateAdd:
		c.wish.full = true
	case stateToggle:
		c.wish.full = !c.wish.full
	}
	m.state(c)
	m.put(c)
	if c.wish.full {
		m.lift(c)
	}
}

// state tells a window how it is shown (ICCCM 4.1.3.1, EWMH "_NET_WM_STATE").
func (m *Manager) state(c *client) {
	const normal, noIcon = 1, 0
	m.set(c.id, "WM_STATE", m.atoms["WM_STATE"], normal, noIcon)
	var states []uint32
	if c.wish.full {
		states = []uint32{uint32(m.atoms["_NET_WM_STATE_FULLSCREEN"])}
	}
	m.set(c.id, "_NET_WM_STATE", xproto.AtomAtom, states...)
	m.set(c.id, "_NET_FRAME_EXTENTS", xproto.AtomCardinal, 0, 0, 0, 0)
}

// shut asks a window to close, or ends its client where it can't be asked.
func (m *Manager) shut(c *client) {
	if c.deletable {
		m.tell(c.id, "WM_DELETE_WINDOW")
		return
	}
	xproto.KillClient(m.conn, uint32(c.id))
}
