package input_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// witness is a client of X with a window over the whole screen, which tells
// what it sees.
type witness struct {
	conn *xgb.Conn
	root xproto.Window
}

func newWitness(t *testing.T, server *xvfbtest.Server) *witness {
	t.Helper()
	conn, err := xconn.Dial(server.Display, server.Authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	screen := xproto.Setup(conn).DefaultScreen(conn)
	window, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	const events = xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease | xproto.EventMaskButtonPress |
		xproto.EventMaskButtonRelease | xproto.EventMaskPointerMotion
	xproto.CreateWindow(conn, screen.RootDepth, window, screen.Root, 0, 0, screen.WidthInPixels,
		screen.HeightInPixels, 0, xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwEventMask, []uint32{events})
	xproto.MapWindow(conn, window)
	if err := xproto.SetInputFocusChecked(conn, xproto.InputFocusNone, window, 0).Check(); err != nil {
		t.Fatal(err)
	}
	return &witness{conn, screen.Root}
}

// saw returns the events so far; those of a call that returned are there.
func (w *witness) saw(t *testing.T) []string {
	t.Helper()
	if _, err := xproto.GetInputFocus(w.conn).Reply(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for {
		event, err := w.conn.PollForEvent()
		if err != nil {
			t.Fatal(err)
		}
		switch e := event.(type) {
		case nil:
			return seen
		case xproto.KeyPressEvent:
			seen = append(seen, fmt.Sprintf("key +%d", e.Detail))
		case xproto.KeyReleaseEvent:
			seen = append(seen, fmt.Sprintf("key -%d", e.Detail))
		case xproto.ButtonPressEvent:
			seen = append(seen, fmt.Sprintf("button +%d", e.Detail))
		case xproto.ButtonReleaseEvent:
			seen = append(seen, fmt.Sprintf("button -%d", e.Detail))
		case xproto.MotionNotifyEvent:
			seen = append(seen, fmt.Sprintf("at %d,%d", e.RootX, e.RootY))
		}
	}
}

func (w *witness) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := w.saw(t); !slices.Equal(got, want) {
		t.Errorf("saw %q, want %q", got, want)
	}
}

func open(t *testing.T, server *xvfbtest.Server) *input.Injector {
	t.Helper()
	in, err := input.Open(server.Display, server.Authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	return in
}

func apply(t *testing.T, hand *input.Hand, m input.Message) {
	t.Helper()
	data, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hand.Apply(data); err != nil {
		t.Fatal(err)
	}
}

func TestInjector(t *testing.T) {
	server := xvfbtest.Start(t, 640, 480)
	w, in := newWitness(t, server), open(t, server)
	hand := in.Hand(nil)

	apply(t, hand, input.Message{Sequence: 1, X: 65535, Y: 65535})
	w.expect(t, "at 639,479")
	apply(t, hand, input.Message{Sequence: 2})
	w.expect(t, "at 0,0")
	apply(t, hand, input.Message{Sequence: 3, Mode: input.Relative, DX: 300, DY: 7})
	w.expect(t, "at 300,7")
	apply(t, hand, input.Message{Sequence: 4, Mode: input.Relative, DX: 299, DY: 10})
	w.expect(t, "at 299,10")

	apply(t, hand, input.Message{Sequence: 5, Mode: input.Relative, DX: 299, DY: 10, Changes: 3, Held: []input.Code{30},
		Recent: []input.Change{{Code: 57, Pressed: true}, {Code: 57}, {Code: 30, Pressed: true}}})
	w.expect(t, "key +65", "key -65", "key +38")
	apply(t, hand, input.Message{Sequence: 6, Mode: input.Relative, DX: 299, DY: 10, Changes: 3, WheelY: 240, WheelX: -120,
		Held:   []input.Code{30},
		Recent: []input.Change{{Code: 57, Pressed: true}, {Code: 57}, {Code: 30, Pressed: true}}})
	w.expect(t, "button +6", "button -6", "button +5", "button -5", "button +5", "button -5")

	if err := hand.Release(); err != nil {
		t.Fatal(err)
	}
	w.expect(t, "key -38")
	if _, err := hand.Apply([]byte("not input")); !errors.Is(err, input.ErrMalformed) {
		t.Errorf("garbage: %v", err)
	}
	apply(t, hand, input.Message{Sequence: 6})
	w.expect(t)
	if got, want := in.Stats(), (input.Stats{Applied: 6, Stale: 1, Malformed: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestEveryKeyAndButton(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	w, in := newWitness(t, server), open(t, server)
	hand := in.Hand(nil)
	sequence, changes := uint32(0), uint32(0)
	var recent []input.Change
	tap := func(code input.Code) {
		recent = append(recent, input.Change{Code: code, Pressed: true}, input.Change{Code: code})
		recent = recent[max(0, len(recent)-input.MaxRecent):]
		sequence, changes = sequence+1, changes+2
		apply(t, hand, input.Message{Mode: input.Relative, Sequence: sequence, Changes: changes, Recent: recent})
	}
	for code := input.Code(1); code <= 127; code++ {
		tap(code)
		w.expect(t, fmt.Sprintf("key +%d", code+8), fmt.Sprintf("key -%d", code+8))
	}
	for code, button := range map[input.Code]int{input.ButtonLeft: 1, input.ButtonMiddle: 2, input.ButtonRight: 3,
		input.ButtonBack: 8, input.ButtonForward: 9} {
		tap(code)
		w.expect(t, fmt.Sprintf("button +%d", button), fmt.Sprintf("button -%d", button))
	}
}

// The server must not end by a player's keys: Control, Alt and Backspace. It
// swallows Control, Alt and F1, which would switch a real console.
func TestServerSurvivesKeys(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	w, in := newWitness(t, server), open(t, server)
	hand := in.Hand(nil)
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 1, Held: []input.Code{14, 29, 56}})
	w.expect(t, "key +22", "key +37", "key +64")
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 2, Held: []input.Code{29, 56, 59}})
	w.expect(t, "key -22")
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 3, Held: []input.Code{30}})
	if seen := w.saw(t); !slices.Contains(seen, "key +38") {
		t.Errorf("saw %q", seen)
	}
}

// Each of two hands releases what it holds itself; the display sees the first
// press and the last release.
func TestTwoHands(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	w, in := newWitness(t, server), open(t, server)
	one, other := in.Hand(nil), in.Hand(nil)
	apply(t, one, input.Message{Mode: input.Relative, Sequence: 7, Held: []input.Code{30, 31}})
	w.expect(t, "key +38", "key +39")
	apply(t, other, input.Message{Mode: input.Relative, Sequence: 1, Held: []input.Code{30, 32}})
	w.expect(t, "key +40")
	apply(t, one, input.Message{Mode: input.Relative, Sequence: 8})
	w.expect(t, "key -39")
	apply(t, one, input.Message{Mode: input.Relative, Sequence: 9, Held: []input.Code{30}})
	w.expect(t)
	if err := other.Release(); err != nil {
		t.Fatal(err)
	}
	w.expect(t, "key -40")
	if err := one.Release(); err != nil {
		t.Fatal(err)
	}
	w.expect(t, "key -38")
}

func TestBarredHand(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	w, in := newWitness(t, server), open(t, server)
	hand := in.Hand(nil)
	allow := func(keyboard bool) {
		t.Helper()
		if err := hand.Allow(keyboard); err != nil {
			t.Fatal(err)
		}
	}
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 1, Held: []input.Code{30}})
	w.expect(t, "key +38")
	allow(false)
	w.expect(t, "key -38")
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 2, DX: 90, WheelY: 600, Held: []input.Code{30}})
	w.expect(t)
	allow(true)
	w.expect(t)
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 3, DX: 99, WheelY: 720, Held: []input.Code{30, 31}})
	w.expect(t, "key +38", "key +39")
}

func TestNewSender(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	w, in := newWitness(t, server), open(t, server)
	hand := in.Hand(nil)
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 900, Held: []input.Code{30}, DX: 50, DY: 60})
	w.saw(t)
	if err := hand.Release(); err != nil {
		t.Fatal(err)
	}
	w.expect(t, "key -38")
	apply(t, in.Hand(nil), input.Message{Mode: input.Relative, Sequence: 2, Changes: 2, Held: []input.Code{},
		Recent: []input.Change{{Code: 30, Pressed: true}, {Code: 30}}})
	w.expect(t, "key +38", "key -38")
}

func TestCloseReleases(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	w, in := newWitness(t, server), open(t, server)
	hand := in.Hand(nil)
	apply(t, hand, input.Message{Mode: input.Relative, Sequence: 1, Held: []input.Code{30, input.ButtonLeft}})
	w.expect(t, "key +38", "button +1")
	in.Close()
	w.expect(t, "key -38", "button -1")
	in.Close()
	data, _ := (&input.Message{Sequence: 5}).Append(nil)
	if _, err := hand.Apply(data); err == nil {
		t.Error("applied after Close")
	}
}

func TestDisplayGone(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	in := open(t, server)
	hand := in.Hand(nil)
	server.Kill()
	done := make(chan error, 1)
	go func() {
		data, _ := (&input.Message{Sequence: 1}).Append(nil)
		_, err := hand.Apply(data)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || errors.Is(err, input.ErrMalformed) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("hangs")
	}
	if _, err := input.Open(server.Display, server.Authority); err == nil {
		t.Error("opened a display that is gone")
	}
}

func TestConcurrentApply(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	in := open(t, server)
	hand := in.Hand(nil)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				data, _ := (&input.Message{Sequence: uint32(1 + 4*n + i), X: uint16(n)}).Append(nil)
				if _, err := hand.Apply(data); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s := in.Stats(); s.Applied+s.Stale != 200 {
		t.Errorf("counted %+v", s)
	}
}

func BenchmarkApply(b *testing.B) {
	server := xvfbtest.Start(b, 320, 240)
	in, err := input.Open(server.Display, server.Authority)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	hand := in.Hand(nil)
	b.ReportAllocs()
	var data []byte
	for n := range b.N {
		m := input.Message{Mode: input.Relative, Sequence: uint32(n + 1), DX: int32(n % 2)}
		data, _ = m.Append(data[:0])
		if _, err := hand.Apply(data); err != nil {
			b.Fatal(err)
		}
	}
}
