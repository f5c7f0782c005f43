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

// Injector plays messages into one X display, by the extension XTEST. Its
// methods may be called from several goroutines.
type Injector struct {
	conn   *xgb.Conn
	screen *xproto.ScreenInfo
	drain  sync.WaitGroup

	mu      sync.Mutex
	tracker tracker
	message Message  // decoded into, again and again
	actions []action // likewise
	stats   Stats
}

// Stats counts messages.
type Stats struct {
	Applied   uint64
	Stale     uint64 // came after a newer one, or twice
	Malformed uint64
}

// Played is what a message came to: nothing, where it was stale or told of no
// change.
type Played struct {
	Sequence uint32
	Actions  int  // presses, releases, clicks of the wheel, motions
	Pressed  bool // a press or a click was among them
}

func played(sequence uint32, actions []action) Played {
	pressed := slices.ContainsFunc(actions, func(a action) bool { return a.kind == press })
	return Played{Sequence: sequence, Actions: len(actions), Pressed: pressed}
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

// Begin prepares for a new sender, whose numbers and sums start at 0: call it
// when a player's channel opens. It releases what is held.
func (in *Injector) Begin() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	err := in.release()
	in.tracker = tracker{}
	return err
}

// Apply plays one message, and returns when the X server has taken it. A stale
// message is no error; a malformed one is (ErrMalformed), and nothing of it is
// played. Any other error means that the display is gone.
func (in *Injector) Apply(data []byte) (Played, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.message.Decode(data); err != nil {
		in.stats.Malformed++
		return Played{}, err
	}
	actions, fresh := in.tracker.next(&in.message, in.actions[:0])
	in.actions = actions
	if !fresh {
		in.stats.Stale++
		return Played{}, nil
	}
	in.stats.Applied++
	if err := in.play(actions); err != nil {
		return Played{}, err
	}
	return played(in.message.Sequence, actions), nil
}

// ReleaseAll releases every key and button: for a pause, or a player who is
// gone. If the same sender goes on, its next message counts from where it is.
func (in *Injector) ReleaseAll() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.release()
}

func (in *Injector) release() error {
	in.actions = in.tracker.releaseAll(in.actions[:0])
	return in.play(in.actions)
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
	// A display that is gone holds no key any more.
	_ = in.ReleaseAll()
	in.closeConn()
}

func (in *Injector) closeConn() {
	in.conn.Close()
	in.drain.Wait()
}

// play sends the actions, and waits for the server's word on the last: the
// server takes them in order.
func (in *Injector) play(actions []action) error {
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
