package window

import (
	"image"
	"log/slog"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const width, height = 640, 480

var whole = image.Rect(0, 0, width, height)

// desk is a managed display with a client of it.
type desk struct {
	t       *testing.T
	server  *xvfbtest.Server
	manager *Manager
	conn    *xgb.Conn
	atoms   atoms
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, server: xvfbtest.Start(t, width, height)}
	var err error
	d.manager, err = Manage(t.Context(), d.server.Display, d.server.Authority,
		slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})))
	d.must(err)
	t.Cleanup(d.manager.Close)
	d.conn, d.atoms = d.connect()
	return d
}

func (d *desk) connect() (*xgb.Conn, atoms) {
	d.t.Helper()
	conn, err := xconn.Dial(d.server.Display, d.server.Authority, xconn.RandR)
	d.must(err)
	d.t.Cleanup(conn.Close)
	a, err := internAtoms(conn)
	d.must(err)
	return conn, a
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// create makes a window; what it tells of itself is to be set before show.
func (d *desk) create(w, h int, properties ...func(xproto.Window)) xproto.Window {
	d.t.Helper()
	id, err := xproto.NewWindowId(d.conn)
	d.must(err)
	d.must(xproto.CreateWindowChecked(d.conn, 0, id, d.manager.root, 7, 9, uint16(w), uint16(h), 3,
		xproto.WindowClassInputOutput, 0, 0, nil).Check())
	for _, set := range properties {
		set(id)
	}
	return id
}

// show maps a window and waits until it is seen.
func (d *desk) show(id xproto.Window) xproto.Window {
	d.t.Helper()
	d.must(xproto.MapWindowChecked(d.conn, id).Check())
	d.await("a window that is seen", func() (bool, any) {
		attributes, err := xproto.GetWindowAttributes(d.conn, id).Reply()
		d.must(err)
		return attributes.MapState == xproto.MapStateViewable, attributes.MapState
	})
	return id
}

func (d *desk) property(name string, kind xproto.Atom, values ...uint32) func(xproto.Window) {
	return func(id xproto.Window) {
		d.t.Helper()
		data := make([]byte, 4*len(values))
		for i, v := range values {
			xgb.Put32(data[4*i:], v)
		}
		atom := d.atoms[name]
		switch name {
		case "WM_NORMAL_HINTS":
			atom = xproto.AtomWmNormalHints
		case "WM_HINTS":
			atom = xproto.AtomWmHints
		case "WM_TRANSIENT_FOR":
			atom = xproto.AtomWmTransientFor
		}
		d.must(xproto.ChangePropertyChecked(d.conn, xproto.PropModeReplace, id, atom, kind, 32, uint32(len(values)), data).Check())
	}
}

// fixed says that a window can have one size only.
func (d *desk) fixed(w, h uint32) func(xproto.Window) {
	return d.property("WM_NORMAL_HINTS", xproto.AtomWmSizeHints, hasLeast|hasMost, 0, 0, 0, 0, w, h, w, h, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

func (d *desk) over(parent xproto.Window) func(xproto.Window) {
	return d.property("WM_TRANSIENT_FOR", xproto.AtomWindow, uint32(parent))
}

func (d *desk) promises(names ...string) func(xproto.Window) {
	var list []uint32
	for _, name := range names {
		list = append(list, uint32(d.atoms[name]))
	}
	return d.property("WM_PROTOCOLS", xproto.AtomAtom, list...)
}

// say sends a message to the window manager.
func (d *desk) say(id xproto.Window, what string, data ...uint32) {
	d.t.Helper()
	message := xproto.ClientMessageEvent{Format: 32, Window: id, Type: d.atoms[what],
		Data: xproto.ClientMessageDataUnionData32New(append(data, make([]uint32, 5-len(data))...))}
	d.must(xproto.SendEventChecked(d.conn, false, d.manager.root,
		xproto.EventMaskSubstructureRedirect|xproto.EventMaskSubstructureNotify, string(message.Bytes())).Check())
}

func (d *desk) await(what string, holds func() (bool, any)) {
	d.t.Helper()
	deadline, again := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer again.Stop()
	for {
		ok, saw := holds()
		if ok {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			d.t.Fatalf("waited in vain for %s, and saw %v", what, saw)
		}
	}
}

func (d *desk) at(id xproto.Window, want image.Rectangle) {
	d.t.Helper()
	d.await("its place", func() (bool, any) {
		g, err := xproto.GetGeometry(d.conn, xproto.Drawable(id)).Reply()
		d.must(err)
		got := image.Rect(0, 0, int(g.Width), int(g.Height)).Add(image.Pt(int(g.X), int(g.Y)))
		return got == want && g.BorderWidth == 0, got
	})
}

func (d *desk) focused(want xproto.Window) {
	d.t.Helper()
	d.await("the keyboard", func() (bool, any) {
		reply, err := xproto.GetInputFocus(d.conn).Reply()
		d.must(err)
		active, err := xproto.GetProperty(d.conn, false, d.manager.root, d.atoms["_NET_ACTIVE_WINDOW"], xproto.AtomWindow, 0, 1).Reply()
		d.must(err)
		return reply.Focus == want && xproto.Window(xgb.Get32(active.Value)) == want, reply.Focus
	})
}

// highest wants a window to be above all others.
func (d *desk) highest(want xproto.Window) {
	d.t.Helper()
	d.await("the highest window", func() (bool, any) {
		tree, err := xproto.QueryTree(d.conn, d.manager.root).Reply()
		d.must(err)
		got := tree.Children[len(tree.Children)-1]
		return got == want, got
	})
}

func TestOneWindowFillsTheScreen(t *testing.T) {
	d := newDesk(t)
	game := d.show(d.create(320, 200))
	d.at(game, whole)
	d.focused(game)

	// It may ask for what it wants.
	d.must(xproto.ConfigureWindowChecked(d.conn, game, xproto.ConfigWindowX|xproto.ConfigWindowWidth, []uint32{50, 100}).Check())
	d.say(game, "_NET_WM_STATE", stateAdd, uint32(d.atoms["_NET_WM_STATE_FULLSCREEN"]))
	d.await("the state", func() (bool, any) {
		states, err := xproto.GetProperty(d.conn, false, game, d.atoms["_NET_WM_STATE"], xproto.AtomAtom, 0, 1).Reply()
		d.must(err)
		return states.ValueLen == 1, states
	})
	d.at(game, whole)
	if seen := d.manager.Seen(); seen.Windows != 1 || seen.Given != whole.Max || seen.Pings {
		t.Errorf("seen is %+v", seen)
	}
}

func TestAWindowOfOneSizeIsCentred(t *testing.T) {
	d := newDesk(t)
	game := d.show(d.create(320, 200, d.fixed(320, 200)))
	d.at(game, image.Rect(160, 140, 480, 340))
	// Its author has another mode in store.
	d.fixed(400, 300)(game)
	d.at(game, image.Rect(120, 90, 520, 390))
	// And all of the screen at last.
	d.say(game, "_NET_WM_STATE", stateToggle, uint32(d.atoms["_NET_WM_STATE_FULLSCREEN"]))
	d.at(game, whole)
	d.say(game, "_NET_WM_STATE", stateRemove, uint32(d.atoms["_NET_WM_STATE_FULLSCREEN"]))
	d.at(game, image.Rect(120, 90, 520, 390))

	large := d.show(d.create(2000, 2000, d.fixed(2000, 2000)))
	d.at(large, whole)
}

func TestDialogsAndSecondWindows(t *testing.T) {
	d := newDesk(t)
	game := d.show(d.create(320, 200))
	question := d.show(d.create(200, 100, d.over(game)))
	d.at(question, image.Rect(220, 190, 420, 290))
	d.highest(question)
	d.focused(question)

	// The game wants to be above; its question stays where it can be answered.
	d.say(game, "_NET_ACTIVE_WINDOW")
	d.must(xproto.ConfigureWindowChecked(d.conn, game, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove}).Check())
	d.highest(question)
	d.must(xproto.DestroyWindowChecked(d.conn, question).Check())
	d.focused(game)

	launcher := d.show(d.create(400, 300))
	d.at(launcher, whole)
	note := d.show(d.create(100, 100))
	d.at(note, image.Rect(270, 190, 370, 290))
	d.focused(note)
	d.must(xproto.UnmapWindowChecked(d.conn, note).Check())
	d.focused(launcher)
	d.must(xproto.UnmapWindowChecked(d.conn, launcher).Check())
	d.focused(game)
	d.show(launcher) // again
	d.focused(launcher)
}

func TestTheKeyboardGoesToWhoTakesIt(t *testing.T) {
	d := newDesk(t)
	game := d.show(d.create(320, 200))
	d.focused(game)
	d.show(d.create(100, 50, d.property("_NET_WM_WINDOW_TYPE", xproto.AtomAtom, uint32(d.atoms["_NET_WM_WINDOW_TYPE_SPLASH"]))))
	d.show(d.create(100, 50, d.property("WM_HINTS", xproto.AtomWmHints, hasInput, 0)))
	d.focused(game)

	shy := d.create(100, 50, d.property("WM_HINTS", xproto.AtomWmHints, hasInput, 0), d.promises("WM_TAKE_FOCUS"))
	d.show(shy)
	if told := d.told(shy); told[0] != uint32(d.atoms["WM_TAKE_FOCUS"]) {
		t.Errorf("the window was told %v", told)
	}
}

// told returns the next message that a window is sent.
func (d *desk) told(id xproto.Window) []uint32 {
	d.t.Helper()
	var data []uint32
	d.await("a message", func() (bool, any) {
		event, err := d.conn.PollForEvent()
		d.must(errorOf(err))
		message, is := event.(xproto.ClientMessageEvent)
		if is && message.Window == id {
			data = message.Data.Data32
		}
		return data != nil, event
	})
	return data
}

func errorOf(err xgb.Error) error {
	if err == nil {
		return nil
	}
	return err
}

func TestPingsAndClosing(t *testing.T) {
	d := newDesk(t)
	game := d.show(d.create(320, 200, d.promises("_NET_WM_PING", "WM_DELETE_WINDOW")))
	d.focused(game)
	ping := d.told(game)
	if ping[0] != uint32(d.atoms["_NET_WM_PING"]) || ping[2] != uint32(game) {
		t.Fatalf("the window was told %v", ping)
	}
	if d.manager.Silent().IsZero() || !d.manager.Seen().Pings {
		t.Error("the question is not known")
	}
	d.say(d.manager.root, "WM_PROTOCOLS", ping...)
	d.await("the answer", func() (bool, any) { return d.manager.Silent().IsZero(), d.manager.Silent() })

	d.say(game, "_NET_CLOSE_WINDOW")
	if told := d.told(game); told[0] != uint32(d.atoms["WM_DELETE_WINDOW"]) {
		t.Errorf("the window was told %v", told)
	}
}

func TestTheScreenKeepsItsSize(t *testing.T) {
	d := newDesk(t)
	resources, err := randr.GetScreenResourcesCurrent(d.conn, d.manager.root).Reply()
	d.must(err)
	d.must(xvfbtest.Shrink(d.conn, 320, 240))
	d.await("the screen as it was", func() (bool, any) {
		g, err := xproto.GetGeometry(d.conn, xproto.Drawable(d.manager.root)).Reply()
		d.must(err)
		crtc, err := randr.GetCrtcInfo(d.conn, resources.Crtcs[0], xproto.TimeCurrentTime).Reply()
		d.must(err)
		return g.Width == width && g.Height == height && crtc.Mode != 0, g
	})
}

func TestMoreWindowsThanAreShown(t *testing.T) {
	d := newDesk(t)
	loud, _ := d.connect()
	for range 10_000 {
		id, err := xproto.NewWindowId(loud)
		d.must(err)
		xproto.CreateWindow(loud, 0, id, d.manager.root, 0, 0, 10, 10, 0, xproto.WindowClassInputOutput, 0, 0, nil)
		xproto.MapWindow(loud, id)
	}
	_, err := xproto.GetInputFocus(loud).Reply() // all have been asked for
	d.must(err)
	d.await("as many windows as are shown", func() (bool, any) {
		seen := d.manager.Seen()
		return seen.Windows == maxClients, seen
	})
	loud.Close()
	d.await("none of them", func() (bool, any) { seen := d.manager.Seen(); return seen.Windows == 0, seen })
	d.at(d.show(d.create(320, 200)), whole)
}

func TestHostileProperties(t *testing.T) {
	d := newDesk(t)
	a := d.create(10, 10)
	b := d.create(10, 10, d.over(a))
	d.over(b)(a)
	d.property("WM_NORMAL_HINTS", xproto.AtomWmSizeHints, 0xffffffff, 1, 2, 3, 4, 0xffffffff, 0x80000000, 0x7fffffff, 0)(a)
	d.property("WM_HINTS", xproto.AtomWmHints)(a)
	d.property("_NET_WM_STATE", xproto.AtomCardinal, make([]uint32, 10_000)...)(b)
	d.show(a)
	d.show(b)
	for range 2_000 {
		d.property("WM_NORMAL_HINTS", xproto.AtomWmSizeHints, 1)(a)
	}
	d.must(xproto.DestroyWindowChecked(d.conn, a).Check())
	d.must(xproto.DestroyWindowChecked(d.conn, b).Check())
	d.at(d.show(d.create(320, 200)), whole)
}

func TestOneManagerADisplay(t *testing.T) {
	d := newDesk(t)
	if _, err := Manage(t.Context(), d.server.Display, d.server.Authority, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a second window manager was let in")
	}
	d.server.Kill()
	d.manager.work.Wait() // it ends with the display
}
