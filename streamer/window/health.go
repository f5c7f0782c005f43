package window

import (
	"image"
	"sync"
	"time"

	"github.com/jezek/xgb/xproto"
)

// pingEvery is how often a window that promises to answer is asked.
const pingEvery = 5 * time.Second

// health is what others may know of the windows.
type health struct {
	mu     sync.Mutex
	seen   Seen
	window xproto.Window // that was asked
	asked  time.Time     // since when it has not answered; zero: it has
}

// Seen is what is shown.
type Seen struct {
	Windows int         // shown now
	Title   string      // of the game's window
	Asked   image.Point // size that the game's window asked for; zero: there is none
	Given   image.Point // size that it has
	Pings   bool        // it promises to answer
}

// Seen returns what is shown now.
func (m *Manager) Seen() Seen {
	m.health.mu.Lock()
	defer m.health.mu.Unlock()
	return m.health.seen
}

// Silent returns since when a window that promised to answer has not answered;
// zero if it has, or none has promised.
func (m *Manager) Silent() time.Time {
	m.health.mu.Lock()
	defer m.health.mu.Unlock()
	return m.health.asked
}

// ping asks the window that has the keyboard (EWMH, "_NET_WM_PING").
func (m *Manager) ping(now time.Time) {
	c := m.client(m.focused)
	if c == nil || !c.pings {
		m.health.forget(m.focused)
		return
	}
	m.health.ask(c.id, now)
	m.tell(c.id, "_NET_WM_PING", uint32(c.id))
}

func (h *health) ask(id xproto.Window, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.window != id || h.asked.IsZero() {
		h.window, h.asked = id, now
	}
}

func (h *health) forget(id xproto.Window) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.window == id {
		h.asked = time.Time{}
	}
}

// see notes what is shown: of the windows the first of the game's, or else the
// highest.
func (h *health) see(clients []*client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = Seen{Windows: len(clients)}
	for i := len(clients) - 1; i >= 0; i-- {
		c := clients[i]
		if i == len(clients)-1 || c.wish.role == first {
			h.seen.Title, h.seen.Asked, h.seen.Given, h.seen.Pings = c.title, c.wish.size, c.place.Size(), c.pings
		}
	}
}
