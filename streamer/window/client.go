package window

import (
	"image"
	"slices"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// client is a window that is managed.
type client struct {
	id    xproto.Window
	title string
	wish  wish
	over  xproto.Window // it is a dialog of this one; 0: of none
	place image.Rectangle
	stale bool // what it tells of itself has changed

	input     bool // the keyboard may be given to it
	takes     bool // it wants to be told to take it (WM_TAKE_FOCUS)
	deletable bool // it wants to be told to close (WM_DELETE_WINDOW)
	pings     bool // it promises to answer (_NET_WM_PING)
}

// The longest properties that are read, in units of 4 bytes.
const (
	maxHints = 18
	maxList  = 64
	maxTitle = 64
)

// meet reads what a window tells of itself, and asks to hear of changes. All is
// asked at once.
func (m *Manager) meet(id xproto.Window) (*client, error) {
	xproto.ChangeWindowAttributes(m.conn, id, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
	geometry := xproto.GetGeometry(m.conn, xproto.Drawable(id))
	states := m.ask(id, m.atoms["_NET_WM_STATE"], maxList)
	types := m.ask(id, m.atoms["_NET_WM_WINDOW_TYPE"], maxList)
	name := m.ask(id, m.atoms["_NET_WM_NAME"], maxTitle)
	old := m.ask(id, xproto.AtomWmName, maxTitle)
	c := &client{id: id}
	m.read(c)
	shape, err := geometry.Reply()
	if err != nil {
		return nil, err
	}
	c.wish.size = image.Pt(int(shape.Width), int(shape.Height))
	c.wish.full = slices.Contains(cards(states), uint32(m.atoms["_NET_WM_STATE_FULLSCREEN"]))
	kinds := cards(types)
	c.wish.role = m.role(c, kinds)
	if m.mute(kinds) {
		c.input, c.takes = false, false
	}
	if c.title = text(name); c.title == "" {
		c.title = text(old)
	}
	return c, nil
}

// role is what a window is to the others.
func (m *Manager) role(c *client, kinds []uint32) role {
	kind := ""
	for _, name := range names {
		if strings.HasPrefix(name, "_NET_WM_WINDOW_TYPE_") && len(kinds) > 0 && kinds[0] == uint32(m.atoms[name]) {
			kind = name
		}
	}
	switch {
	case c.over != 0 || kind != "" && kind != "_NET_WM_WINDOW_TYPE_NORMAL":
		return dialog
	case slices.ContainsFunc(m.clients, func(other *client) bool { return other.wish.role == first }):
		return second
	}
	return first
}

// mute says whether windows of this kind take no keyboard.
func (m *Manager) mute(kinds []uint32) bool {
	for _, name := range []string{"_SPLASH", "_NOTIFICATION", "_TOOLTIP"} {
		if slices.Contains(kinds, uint32(m.atoms["_NET_WM_WINDOW_TYPE"+name])) {
			return true
		}
	}
	return false
}

// read reads what may change while a window is shown.
func (m *Manager) read(c *client) {
	c.stale = false
	size := m.ask(c.id, xproto.AtomWmNormalHints, maxHints)
	hints := m.ask(c.id, xproto.AtomWmHints, maxHints)
	over := m.ask(c.id, xproto.AtomWmTransientFor, 1)
	protocols := cards(m.ask(c.id, m.atoms["WM_PROTOCOLS"], maxList))
	c.wish.least, c.wish.most = sizeHints(cards(size))
	c.input = inputHint(cards(hints))
	c.over = 0
	if of := cards(over); len(of) == 1 && xproto.Window(of[0]) != c.id {
		c.over = xproto.Window(of[0])
	}
	promises := func(name string) bool { return slices.Contains(protocols, uint32(m.atoms[name])) }
	c.takes, c.deletable, c.pings = promises("WM_TAKE_FOCUS"), promises("WM_DELETE_WINDOW"), promises("_NET_WM_PING")
}

// reread takes notice of what has changed.
func (m *Manager) reread(c *client) {
	m.read(c)
	m.put(c)
	m.health.see(m.clients)
}

func (m *Manager) ask(id xproto.Window, name xproto.Atom, words uint32) xproto.GetPropertyCookie {
	return xproto.GetProperty(m.conn, false, id, name, xproto.GetPropertyTypeAny, 0, words)
}

// cards returns a property of 32-bit values; none where it has another format,
// or is not there.
func cards(cookie xproto.GetPropertyCookie) []uint32 {
	reply, err := cookie.Reply()
	if err != nil || reply.Format != 32 {
		return nil
	}
	values := make([]uint32, min(len(reply.Value)/4, int(reply.ValueLen)))
	for i := range values {
		values[i] = xgb.Get32(reply.Value[4*i:])
	}
	return values
}

// text returns a property that is text, cut to its printable beginning.
func text(cookie xproto.GetPropertyCookie) string {
	reply, err := cookie.Reply()
	if err != nil || reply.Format != 8 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(reply.Value), ""))
}

// Flags of hints (ICCCM 4.1.2.3 and 4.1.2.4).
const (
	hasLeast = 1 << 4
	hasMost  = 1 << 5
	hasInput = 1 << 0
)

// sizeHints reads WM_NORMAL_HINTS. Zero is no bound; bounds that exclude each
// other are none.
func sizeHints(v []uint32) (least, most image.Point) {
	if len(v) < 9 {
		return image.Point{}, image.Point{}
	}
	if v[0]&hasLeast != 0 {
		least = image.Pt(length(v[5]), length(v[6]))
	}
	if v[0]&hasMost != 0 {
		most = image.Pt(length(v[7]), length(v[8]))
	}
	if most.X < least.X || most.Y < least.Y {
		most = image.Point{}
	}
	return least, most
}

// length is a size as the protocol has it, of 15 bits.
func length(v uint32) int { return int(max(0, min(int32(v), 1<<15-1))) }

// inputHint reads WM_HINTS: windows take the keyboard unless they say no.
func inputHint(v []uint32) bool {
	return len(v) < 2 || v[0]&hasInput == 0 || v[1] != 0
}
