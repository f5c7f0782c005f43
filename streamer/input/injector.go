package input

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"github.com/playcast/playcast/streamer/xconn"
)

// Injector plays the messages of hands into one X display, by the extension
// XTEST. Its methods and those of its hands may be called from several
// goroutines.
type Injector struct {
	conn   *xgb.Conn
	screen *xproto.ScreenInfo
	drain  sync.WaitGroup

	mu    sync.Mutex
	down  [firstPadCode]uint8 // how many hands hold each code
	stats Stats
}

// Stats counts messages.
type Stats struct {
	Applied   uint64
	Stale     uint64 // came after a newer one, or twice
	Malformed uint64
}

// Open connects to a display, with the cookie from the file authority. The
// picture that messages mean is the whole screen. Close frees it.
func Open(display, authority string) (*Injector, error) {
	conn, err := xconn.Dial(display, authority, xconn.Test)
	if err != nil {
		return nil, fmt.Errorf("open input: %w", err)
	}
	in := &Injector{conn: conn, screen: xproto.Setup(conn).DefaultScreen(conn)}
	in.drain.Go(in.dropEvents)
	if err := in.prepare(); err != nil {
		in.closeConn()
		return nil, fmt.Errorf("open input: display %s: %w", display, err)
	}
	return in, nil
}

// prepare switches off the pointer's acceleration, which is the player's own
// system's to do: motion shall be what was sent, pixel by pixel.
func (in *Injector) prepare() error {
	return xproto.ChangePointerControlChecked(in.conn, 1, 1, 0, true, true).Check()
}

// dropEvents takes the events that every client gets unasked (a changed
// keyboard map), and ends with the connection.
func (in *Injector) dropEvents() {
	for {
		event, err := in.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
	}
}

// Stats returns the counts so far.
func (in *Injector) Stats() Stats {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.stats
}

// Close releases everything and ends the connection. It may be called again;
// Apply returns an error after it.
func (in *Injector) Close() {
	in.mu.Lock()
	var actions []action
	for code, hands := range in.down {
		if hands > 0 {
			in.down[code] = 1
			actions = append(actions, action{kind: release, code: Code(code)})
		}
	}
	_ = in.play(actions) // a display that is gone holds no key any more
	in.mu.Unlock()
	in.closeConn()
}

func (in *Injector) closeConn() {
	in.conn.Close()
	in.drain.Wait()
}

// play sends the actions, and waits for the server's word on the last: the
// server takes them in order. What another hand holds as well is pressed with
// the first press and released with the last release.
func (in *Injector) play(actions []action) error {
	actions = slices.DeleteFunc(actions, in.shared)
	if len(actions) == 0 {
		return nil
	}
	rest, last := actions[:len(actions)-1], actions[len(actions)-1]
	for _, a := range rest {
		f := in.fake(a)
		xtest.FakeInput(in.conn, f.kind, f.detail, 0, in.screen.Root, f.x, f.y, 0)
	}
	f := in.fake(last)
	if err := xtest.FakeInputChecked(in.conn, f.kind, f.detail, 0, in.screen.Root, f.x, f.y, 0).Check(); err != nil {
		return fmt.Errorf("inject input: %w", err)
	}
	return nil
}

// shared counts who holds a code, and says whether an action changes nothing
// for the display because of another hand.
func (in *Injector) shared(a action) bool {
	switch {
	case a.wheel != 0:
		return false
	case a.kind == press:
		in.down[a.code]++
		return in.down[a.code] > 1
	case a.kind == release:
		in.down[a.code]--
		return in.down[a.code] > 0
	}
	return false
}

// fake is an action as XTEST's FakeInput has it.
type fake struct {
	kind, detail byte
	x, y         int16
}

func (in *Injector) fake(a action) fake {
	switch a.kind {
	case place:
		return fake{xproto.MotionNotify, absoluteMotion,
			pixel(a.x, in.screen.WidthInPixels), pixel(a.y, in.screen.HeightInPixels)}
	case move:
		return fake{xproto.MotionNotify, relativeMotion, clamp(a.x), clamp(a.y)}
	}
	f := fake{kind: xproto.KeyPress, detail: byte(a.code) + keyOffset}
	if button := max(a.wheel, a.code.button()); button != 0 {
		f.kind, f.detail = xproto.ButtonPress, button
	}
	if a.kind == release {
		f.kind++ // KeyRelease and ButtonRelease follow their presses
	}
	return f
}

// What a FakeInput of a motion means by its detail (XTEST protocol).
const (
	absoluteMotion = 0
	relativeMotion = 1
)

// keyOffset is what X's key codes are above evdev's, in a keyboard map that
// Xvfb comes with.
const keyOffset = 8

// pixel returns the pixel at a place from 0 to 65535.
func pixel(place int32, size uint16) int16 {
	return int16((int64(place)*int64(size-1) + 32767) / 65535)
}

// clamp cuts a motion to what the protocol can say: no hand moves farther
// between two messages.
func clamp(motion int32) int16 {
	return int16(max(math.MinInt16, min(motion, math.MaxInt16)))
}
