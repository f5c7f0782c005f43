package window

import (
	"context"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
)

// Manager manages the windows of one display.
type Manager struct {
	conn   *xgb.Conn
	root   xproto.Window
	screen image.Point
	atoms  atoms
	ear    *ear
	log    *slog.Logger
	work   sync.WaitGroup

	// Of the goroutine of run.
	clients []*client // the lowest first
	focused xproto.Window
	refused int // windows that were too many

	resolution resolution
	health     health
}

// maxClients is how many windows a display shows at once. Games have a handful.
const maxClients = 256

// Manage takes the windows of a display, with the cookie from the file
// authority, before the first of them is there. The context bounds the start
// only. Close frees the manager; with the display it ends by itself.
func Manage(ctx context.Context, display, authority string, log *slog.Logger) (*Manager, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	conn, err := xconn.Dial(display, authority, xconn.RandR)
	if err != nil {
		return nil, fmt.Errorf("manage windows: %w", err)
	}
	stop := context.AfterFunc(ctx, conn.Close)
	screen := xproto.Setup(conn).DefaultScreen(conn)
	m := &Manager{
		conn: conn, root: screen.Root, log: log, ear: newEar(conn),
		screen: image.Pt(int(screen.WidthInPixels), int(screen.HeightInPixels)),
	}
	err = m.begin()
	if !stop() && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("manage windows of display %s: %w", display, err)
	}
	m.work.Go(m.run)
	return m, nil
}

// Close ends the managing. It may be called again.
func (m *Manager) Close() {
	m.conn.Close()
	m.ear.close()
	m.work.Wait()
}

// begin takes the redirection, of which a display has one, and says so to all
// that ask.
func (m *Manager) begin() error {
	var err error
	if m.atoms, err = internAtoms(m.conn); err != nil {
		return err
	}
	const mask = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
	if err := xproto.ChangeWindowAttributesChecked(m.conn, m.root, xproto.CwEventMask, []uint32{mask}).Check(); err != nil {
		return fmt.Errorf("there is another window manager: %w", err)
	}
	if err := m.present(); err != nil {
		return err
	}
	return m.resolution.watch(m)
}

// run is the manager's goroutine. It ends with the connection.
func (m *Manager) run() {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case _, more := <-m.ear.woken:
			if !more {
				return
			}
			m.handle(m.ear.take())
		case now := <-ping.C:
			m.ping(now)
		}
	}
}

// handle takes a batch of events. What a client told of itself in them is read
// once, after them.
func (m *Manager) handle(events []xgb.Event, lost bool) {
	resized := false
	for _, event := range events {
		if isResolution(event) {
			resized = true
			continue
		}
		m.react(event)
	}
	if resized {
		m.resolution.restore(m)
	}
	if lost {
		m.recount()
	}
	for _, c := range m.clients {
		if c.stale {
			m.reread(c)
		}
	}
	m.focus()
}

func (m *Manager) react(event xgb.Event) {
	switch e := event.(type) {
	case xproto.MapRequestEvent:
		m.adopt(e.Window)
	case xproto.ConfigureRequestEvent:
		m.configure(e)
	case xproto.UnmapNotifyEvent:
		m.forget(e.Window)
	case xproto.DestroyNotifyEvent:
		m.forget(e.Window)
	case xproto.ReparentNotifyEvent: // into a window of its own
		if e.Parent != m.root {
			m.forget(e.Window)
		}
	case xproto.PropertyNotifyEvent:
		if c := m.client(e.Window); c != nil && m.atoms.tells(e.Atom) {
			c.stale = true
		}
	case xproto.ClientMessageEvent:
		m.message(e)
	}
}

// adopt shows a window that wants to be shown.
func (m *Manager) adopt(id xproto.Window) {
	if c := m.client(id); c != nil {
		xproto.MapWindow(m.conn, id)
		return
	}
	if len(m.clients) == maxClients {
		if m.refused++; m.refused == 1 {
			m.log.Warn("the game opens more windows than are shown", "shown", maxClients)
		}
		return
	}
	c, err := m.meet(id)
	if err != nil {
		return // it has gone meanwhile
	}
	m.clients = append(m.clients, c)
	m.put(c)
	m.state(c)
	xproto.MapWindow(m.conn, id)
	m.lift(c)
	m.list()
	m.log.Debug("a window is shown", "window", id, "title", c.title, "asked", c.wish.size, "place", c.place)
}

// forget ends the managing of a window that has gone.
func (m *Manager) forget(id xproto.Window) {
	for i, c := range m.clients {
		if c.id == id {
			m.clients = append(m.clients[:i], m.clients[i+1:]...)
			m.health.forget(id)
			m.list()
			return
		}
	}
}

// recount drops windows that have gone while events were lost.
func (m *Manager) recount() {
	for _, c := range append([]*client(nil), m.clients...) {
		attributes, err := xproto.GetWindowAttributes(m.conn, c.id).Reply()
		if err != nil || attributes.MapState == xproto.MapStateUnmapped {
			m.forget(c.id)
		}
	}
}

func (m *Manager) client(id xproto.Window) *client {
	for _, c := range m.clients {
		if c.id == id {
			return c
		}
	}
	return nil
}
