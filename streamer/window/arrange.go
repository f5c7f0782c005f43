package window

import (
	"image"

	"github.com/jezek/xgb/xproto"
)

// put moves a window to its place, and tells it where that is, also where it
// stays (ICCCM 4.1.5).
func (m *Manager) put(c *client) {
	var over image.Rectangle
	if parent := m.client(c.over); parent != nil {
		over = parent.place
	}
	place := c.wish.at(m.screen, over)
	if place != c.place {
		c.place = place
		xproto.ConfigureWindow(m.conn, c.id,
			xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight|xproto.ConfigWindowBorderWidth,
			[]uint32{uint32(place.Min.X), uint32(place.Min.Y), uint32(place.Dx()), uint32(place.Dy()), 0})
	}
	notice := xproto.ConfigureNotifyEvent{
		Event: c.id, Window: c.id, X: int16(place.Min.X), Y: int16(place.Min.Y), Width: uint16(place.Dx()), Height: uint16(place.Dy()),
	}
	xproto.SendEvent(m.conn, false, c.id, xproto.EventMaskStructureNotify, string(notice.Bytes()))
}

// configure answers a wish to be elsewhere, of another size, or higher. A
// window that is not shown yet gets what it asks for.
func (m *Manager) configure(e xproto.ConfigureRequestEvent) {
	c := m.client(e.Window)
	if c == nil {
		m.grant(e)
		return
	}
	if e.ValueMask&xproto.ConfigWindowWidth != 0 {
		c.wish.size.X = int(e.Width)
	}
	if e.ValueMask&xproto.ConfigWindowHeight != 0 {
		c.wish.size.Y = int(e.Height)
	}
	m.put(c)
	if e.ValueMask&xproto.ConfigWindowStackMode != 0 && e.StackMode == xproto.StackModeAbove {
		m.lift(c)
	}
}

// grant passes a request on as it came, but for the border and the stacking,
// which windows that are not shown have no use for.
func (m *Manager) grant(e xproto.ConfigureRequestEvent) {
	var values []uint32
	for _, v := range []struct {
		bit   uint16
		value uint32
	}{
		{xproto.ConfigWindowX, uint32(int32(e.X))}, {xproto.ConfigWindowY, uint32(int32(e.Y))},
		{xproto.ConfigWindowWidth, uint32(e.Width)}, {xproto.ConfigWindowHeight, uint32(e.Height)},
	} {
		if e.ValueMask&v.bit != 0 {
			values = append(values, v.value)
		}
	}
	const known = xproto.ConfigWindowX | xproto.ConfigWindowY | xproto.ConfigWindowWidth | xproto.ConfigWindowHeight
	xproto.ConfigureWindow(m.conn, e.Window, e.ValueMask&known, values)
}

// lift puts a window above the others, and its dialogs above it.
func (m *Manager) lift(c *client) {
	above := []*client{c}
	var below []*client
	for _, other := range m.clients {
		switch {
		case other == c:
		case other.over == c.id:
			above = append(above, other)
		default:
			below = append(below, other)
		}
	}
	m.clients = append(below, above...)
	for _, raised := range above {
		xproto.ConfigureWindow(m.conn, raised.id, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	}
}

// focus gives the keyboard to the highest window that takes it, and says which
// one is active. Nothing is done where that is so already.
func (m *Manager) focus() {
	for i := len(m.clients) - 1; i >= 0; i-- {
		c := m.clients[i]
		if !c.input && !c.takes {
			continue
		}
		if m.focused != c.id {
			m.focused = c.id
			m.give(c)
		}
		return
	}
	if m.focused != 0 {
		m.focused = 0
		m.set(m.root, "_NET_ACTIVE_WINDOW", xproto.AtomWindow, 0)
		xproto.SetInputFocus(m.conn, xproto.InputFocusPointerRoot, xproto.InputFocusPointerRoot, xproto.TimeCurrentTime)
	}
}

// give gives the keyboard to a window, by its model of input (ICCCM 4.1.7).
func (m *Manager) give(c *client) {
	if c.input {
		xproto.SetInputFocus(m.conn, xproto.InputFocusPointerRoot, c.id, xproto.TimeCurrentTime)
	}
	if c.takes {
		m.tell(c.id, "WM_TAKE_FOCUS")
	}
	m.set(m.root, "_NET_ACTIVE_WINDOW", xproto.AtomWindow, uint32(c.id))
}

// tell sends a message of WM_PROTOCOLS.
func (m *Manager) tell(id xproto.Window, what string, more ...uint32) {
	data := append([]uint32{uint32(m.atoms[what]), xproto.TimeCurrentTime}, more...)
	message := xproto.ClientMessageEvent{
		Format: 32, Window: id, Type: m.atoms["WM_PROTOCOLS"],
		Data: xproto.ClientMessageDataUnionData32New(append(data, make([]uint32, 5-len(data))...)),
	}
	xproto.SendEvent(m.conn, false, id, xproto.EventMaskNoEvent, string(message.Bytes()))
}
