package streamer

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/gamepad"
	"github.com/playcast/playcast/streamer/gamepad/padtest"
	"github.com/playcast/playcast/streamer/input"
)

// padGame has the house play a game that tells what it sees of its pads, and
// returns what it tells.
func (h *house) padGame(t *testing.T) (events.SessionID, *padtest.Lines) {
	t.Helper()
	entry := game.Entry{Game: events.Game{
		ID: "padtest", Title: "Pad test", Command: []string{padtest.Game(t)}, Width: 640, Height: 360, FrameRate: 30,
	}}
	h.worker.parts.Gamepads = gamepad.With(padtest.Library(t), h.run)
	h.worker.parts.Catalog = append(h.worker.parts.Catalog, entry)
	session := h.draw(t, "padtest")
	logs, err := filepath.Glob(filepath.Join(h.players, "*", "padtest.log"))
	must(t, err)
	if len(logs) != 1 {
		t.Fatalf("logs of the game: %v", logs)
	}
	return session, padtest.Follow(t, logs[0])
}

// touch changes a pad of the browser's, whose buttons are those given, and sends.
func (b *browser) touch(t *testing.T, pad int, axes [4]int16, buttons ...int) {
	t.Helper()
	m := &b.message
	m.Pads[pad] = input.Pad{Connected: true, Axes: axes}
	m.Held = slices.DeleteFunc(m.Held, func(c input.Code) bool {
		return c >= input.PadButton(pad, 0) && c < input.PadButton(pad+1, 0)
	})
	for _, button := range buttons {
		m.Held = append(m.Held, input.PadButton(pad, button))
	}
	b.sendPads(t)
}

// appear connects a pad, at rest: what is held already when a game opens a pad
// is no event to SDL. It becomes that one of the game's.
func (b *browser) appear(t *testing.T, lines *padtest.Lines, pad, place int) {
	t.Helper()
	b.touch(t, pad, [4]int16{})
	lines.Expect(t, fmt.Sprintf("%d added", place))
}

func (b *browser) unplug(t *testing.T, pad int) {
	t.Helper()
	b.touch(t, pad, [4]int16{})
	b.message.Pads[pad] = input.Pad{}
	b.sendPads(t)
}

// sendPads sends the state, and repairs it as a page does: the channel may lose
// a message on a busy machine.
func (b *browser) sendPads(t *testing.T) {
	t.Helper()
	slices.Sort(b.message.Held)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 60 * time.Millisecond} {
		time.Sleep(after)
		b.message.Sequence++
		data, err := b.message.Append(nil)
		must(t, err)
		must(t, b.input.Send(data))
	}
}

// rumbles waits for the next rumble that the page is told of.
func (b *browser) rumbles(t *testing.T) (pad int, strong float64) {
	t.Helper()
	for {
		var told struct {
			Type   string
			Pad    int
			Strong float64
			Ms     int
		}
		text := soon(t, "rumble", b.told)
		if err := json.Unmarshal([]byte(text), &told); err == nil && told.Type == "rumble" {
			return told.Pad, told.Strong
		}
	}
}

func TestGamepads(t *testing.T) {
	h := newHouse(t)
	session, lines := h.padGame(t)
	host := h.join(t, session)
	host.appear(t, lines, 2, 0)
	host.touch(t, 2, [4]int16{}, 0)
	lines.Expect(t, "0 a true")
	host.heeds(t, `"pads"`, `"places":[0,0,1,0]`)
	host.appear(t, lines, 0, 1)
	host.touch(t, 0, [4]int16{-32768})
	lines.Expect(t, "1 leftx -32768")
	host.heeds(t, `"places":[2,0,1,0]`)

	// A rumble comes to the pad that is to shake, and stops with a pause.
	host.touch(t, 2, [4]int16{}, 9)
	if pad, strong := host.rumbles(t); pad != 2 || strong < 0.4 {
		t.Errorf("pad %d shakes with %v", pad, strong)
	}
	h.tell(t, events.SessionPaused{Session: session})
	if pad, strong := host.rumbles(t); pad != 2 || strong != 0 {
		t.Errorf("after the pause pad %d shakes with %v", pad, strong)
	}
	h.tell(t, events.SessionResumed{Session: session})
	lines.Expect(t, "0 start false")

	// A place is kept while the pad is there, and goes to the next one after.
	host.unplug(t, 2)
	lines.Expect(t, "0 removed")
	host.touch(t, 0, [4]int16{}, 1)
	lines.Expect(t, "1 b true")
	host.appear(t, lines, 3, 0)
	host.touch(t, 3, [4]int16{}, 3)
	lines.Expect(t, "0 y true")

	// Who leaves takes the pads away; who comes back has them again.
	host.leave()
	report[Disconnected](t, h.reports, session)
	lines.Expect(t, "0 removed")
	again := h.join(t, session)
	again.appear(t, lines, 0, 0)
	again.touch(t, 0, [4]int16{}, 0)
	lines.Expect(t, "0 a true")
}

// Pads are the viewers' own: each has as many as were given.
func TestGamepadsOfTwo(t *testing.T) {
	h := newHouse(t)
	session, lines := h.padGame(t)
	host := h.join(t, session)
	h.tell(t, events.GuestJoined{Session: session, Player: "bert"})
	guest := h.sit(t, session, asBert)
	guest.touch(t, 0, [4]int16{})
	host.appear(t, lines, 0, 0)
	host.touch(t, 0, [4]int16{}, 1)
	lines.Expect(t, "0 b true")
	h.tell(t, events.ControlGiven{Session: session, Player: "bert", Pads: 1})
	guest.heeds(t, `"seat"`, `"pads":1`)
	lines.Expect(t, "1 added") // it was there before it might
	guest.touch(t, 0, [4]int16{}, 2)
	guest.touch(t, 1, [4]int16{}, 2) // one too many
	lines.Expect(t, "1 x true")
	host.appear(t, lines, 1, 2)
	host.touch(t, 1, [4]int16{}, 3)
	lines.Expect(t, "2 y true")
	guest.touch(t, 0, [4]int16{}, 8)
	if pad, strong := guest.rumbles(t); pad != 0 || strong != 1 {
		t.Errorf("pad %d shakes with %v", pad, strong)
	}
	h.tell(t, events.ControlTaken{Session: session, Player: "bert"})
	lines.Expect(t, "1 removed")
	for range 3 {
		guest.touch(t, 0, [4]int16{}, 0)
		guest.touch(t, 0, [4]int16{})
	}
	host.touch(t, 1, [4]int16{}, 0)
	for {
		line := lines.Await(t, "what the host plays", func(padtest.Line) bool { return true })
		if strings.HasPrefix(line.String(), "1 ") {
			t.Fatalf("a guest who may not plays: %v", line)
		}
		if line.String() == fmt.Sprintf("%d a true", 2) {
			return
		}
	}
}
