package streamer

import (
	"fmt"
	"image"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/xconn"
)

func TestSilence(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	for _, c := range []struct {
		name         string
		presses      []int
		woken        int
		signs        lifeSigns
		now          int
		notice, over bool
	}{
		{"it answers", []int{1, 2, 3}, 0, lifeSigns{promised: true, drawn: at(1)}, 500, false, false},
		{"it has not answered for a moment", nil, 0, lifeSigns{promised: true, silent: at(10), drawn: at(1)}, 20, false, false},
		{"it has not answered for long", nil, 0, lifeSigns{promised: true, silent: at(10), drawn: at(1)}, 26, true, false},
		{"it draws, too busy to answer", nil, 0, lifeSigns{promised: true, silent: at(10), drawn: at(98)}, 100, false, false},
		{"it is given up", nil, 0, lifeSigns{promised: true, silent: at(10), drawn: at(5)}, 86, true, true},
		{"the player waits", nil, 80, lifeSigns{promised: true, silent: at(10), drawn: at(5)}, 86, false, false},
		{"nothing was promised, and nothing pressed", nil, 0, lifeSigns{drawn: at(1)}, 5000, false, false},
		{"a key that it has no use for", []int{2, 3, 4, 5}, 0, lifeSigns{drawn: at(1)}, 500, false, false},
		{"it ignores all keys", []int{2, 3, 4, 5, 6}, 0, lifeSigns{drawn: at(1)}, 33, true, false},
		{"it has drawn since", []int{2, 3, 4, 5, 6}, 0, lifeSigns{drawn: at(7)}, 500, false, false},
		{"nobody tries any more", []int{2, 3, 4, 5, 6}, 0, lifeSigns{drawn: at(1)}, 160, true, false},
		{"it still ignores all keys", []int{2, 3, 4, 5, 155}, 0, lifeSigns{drawn: at(1)}, 160, true, true},
	} {
		v := vigil{bounds: Hang{}.orUsual(), woken: at(c.woken)}
		for _, press := range c.presses {
			v.press(at(press))
		}
		if _, notice, over := v.silence(at(c.now), c.signs); notice != c.notice || over != c.over {
			t.Errorf("%s: notice %t, over %t", c.name, notice, over)
		}
	}
}

func TestHangingGame(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "hangs")
	b := h.join(t, session)
	b.frame(t)
	began := time.Now()
	told := func(text string) {
		t.Helper()
		for !strings.Contains(soon(t, text, b.told), text) {
		}
	}
	told(`{"type":"game","answering":false}`)
	t.Logf("told after %s", time.Since(began).Round(time.Millisecond))
	must(t, b.control.SendText(`{"type":"game","wait":true}`))
	told(`{"type":"game","answering":true}`)
	told(`{"type":"game","answering":false}`)
	h.over(t, session, Broken{Cause: events.FailedHung, Detail: "no sign of life"})
}

func TestAPausedGameDoesNotHang(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "hangs")
	b := h.join(t, session)
	b.frame(t)
	h.tell(t, events.SessionPaused{Session: session})
	select {
	case text := <-b.told:
		for strings.Contains(text, "answering") {
			t.Fatalf("the page was told %s of a paused game", text)
		}
	case <-time.After(2 * (testHang.Notice + testHang.End)): // nothing is to come that could be awaited
	}
	h.reports.none(t)
}

// testHang is for tests, with a window that is asked each 5 s.
var testHang = Hang{Notice: time.Second, End: 3 * time.Second}

// playHang opens a window that promises to answer, shows something, and never
// does anything again.
func playHang() int {
	if err := openAndHang(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return playBlank()
}

func openAndHang() error {
	conn, err := xconn.Dial(os.Getenv("DISPLAY"), os.Getenv("XAUTHORITY"))
	if err != nil {
		return err
	}
	id, err := openWindow(conn, image.Pt(640, 360))
	if err != nil {
		return err
	}
	protocols, err := xproto.InternAtom(conn, false, 12, "WM_PROTOCOLS").Reply()
	if err != nil {
		return err
	}
	ping, err := xproto.InternAtom(conn, false, 12, "_NET_WM_PING").Reply()
	if err != nil {
		return err
	}
	data := []byte{byte(ping.Atom), byte(ping.Atom >> 8), byte(ping.Atom >> 16), byte(ping.Atom >> 24)}
	xproto.ChangeProperty(conn, xproto.PropModeReplace, id, protocols.Atom, xproto.AtomAtom, 32, 1, data)
	return showStripe(conn, id)
}
