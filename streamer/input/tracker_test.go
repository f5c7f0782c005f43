package input

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const (
	keyA Code = 30
	keyW Code = 17
)

// say writes actions as text: "+30 -30 @1,2 →3,4 wheel5".
func say(actions []action) string {
	var words []string
	for _, a := range actions {
		switch {
		case a.kind == place:
			words = append(words, fmt.Sprintf("@%d,%d", a.x, a.y))
		case a.kind == move:
			words = append(words, fmt.Sprintf("→%d,%d", a.x, a.y))
		case a.wheel != 0 && a.kind == press:
			words = append(words, fmt.Sprintf("wheel%d", a.wheel))
		case a.wheel != 0:
		case a.kind == press:
			words = append(words, fmt.Sprintf("+%d", a.code))
		default:
			words = append(words, fmt.Sprintf("-%d", a.code))
		}
	}
	return strings.Join(words, " ")
}

// hand is a sender as the package documentation says.
type hand struct{ m Message }

func (h *hand) change(code Code, pressed bool) *hand {
	h.m.Changes++
	h.m.Recent = append(h.m.Recent, Change{code, pressed})
	h.m.Recent = h.m.Recent[max(0, len(h.m.Recent)-MaxRecent):]
	if pressed {
		h.m.Held = append(h.m.Held, code)
		slices.Sort(h.m.Held)
	} else {
		h.m.Held = slices.DeleteFunc(h.m.Held, func(c Code) bool { return c == code })
	}
	return h
}

func (h *hand) tap(code Code) *hand { return h.change(code, true).change(code, false) }

// send returns the message as the wire would carry it.
func (h *hand) send(t *testing.T) *Message {
	t.Helper()
	h.m.Sequence++
	data, err := h.m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if err := m.Decode(data); err != nil {
		t.Fatal(err)
	}
	return &m
}

func check(t *testing.T, tr *tracker, m *Message, want string) {
	t.Helper()
	if !tr.isNew(m) {
		t.Error("stale")
	}
	if got := say(tr.next(m, nil)); got != want {
		t.Errorf("message %d: got %q, want %q", m.Sequence, got, want)
	}
}

func TestTracker(t *testing.T) {
	var tr tracker
	h := &hand{Message{Mode: Relative}}
	check(t, &tr, h.send(t), "")
	check(t, &tr, h.change(keyA, true).send(t), "+30")
	check(t, &tr, h.send(t), "")
	h.m.DX, h.m.DY = 5, -7
	check(t, &tr, h.change(ButtonLeft, true).send(t), "→5,-7 +272")
	check(t, &tr, h.change(keyA, false).tap(keyW).send(t), "-30 +17 -17")
	h.m.WheelY = 300
	check(t, &tr, h.send(t), "wheel5 wheel5")
	h.m.WheelY, h.m.WheelX = 360, -120
	check(t, &tr, h.send(t), "wheel6 wheel5")
	h.m.WheelY = 240
	check(t, &tr, h.send(t), "wheel4")
	h.m.Mode, h.m.X, h.m.Y = Absolute, 10, 20
	h.m.DX = 105
	check(t, &tr, h.send(t), "@10,20")
	check(t, &tr, h.send(t), "")
	h.m.Mode = Relative
	check(t, &tr, h.send(t), "")
	h.m.DX = 106
	check(t, &tr, h.send(t), "→1,0")
	h.m.Mode = Absolute
	check(t, &tr, h.send(t), "@10,20")
}

func TestTrackerLosses(t *testing.T) {
	t.Run("taps survive", func(t *testing.T) {
		var tr tracker
		h := &hand{Message{Mode: Relative}}
		h.tap(1).send(t)
		h.tap(2).tap(3).send(t)
		check(t, &tr, h.tap(4).send(t), "+1 -1 +2 -2 +3 -3 +4 -4")
	})
	t.Run("beyond the ring the held codes are right", func(t *testing.T) {
		var tr tracker
		h := &hand{Message{Mode: Relative}}
		check(t, &tr, h.change(keyA, true).send(t), "+30")
		h.change(keyA, false).change(keyW, true)
		for range 4 {
			h.tap(1)
		}
		check(t, &tr, h.send(t), "+1 -1 +1 -1 +1 -1 +1 -1 +17 -30")
	})
	t.Run("a press again of what is held", func(t *testing.T) {
		var tr tracker
		h := &hand{Message{Mode: Relative}}
		check(t, &tr, h.change(keyA, true).send(t), "+30")
		h.change(keyA, false)
		for range 3 {
			h.tap(1)
		}
		h.change(keyA, true)
		h.change(keyW, true)
		check(t, &tr, h.send(t), "+1 -1 +1 -1 +1 -1 -30 +30 +17")
	})
	t.Run("stale and doubled", func(t *testing.T) {
		var tr tracker
		h := &hand{Message{Mode: Relative}}
		old := h.change(keyA, true).send(t)
		now := h.change(keyA, false).send(t)
		check(t, &tr, now, "+30 -30")
		for _, m := range []*Message{old, now} {
			if tr.isNew(m) {
				t.Errorf("message %d is new", m.Sequence)
			}
		}
	})
	t.Run("sums wrap around", func(t *testing.T) {
		var tr tracker
		h := &hand{Message{Mode: Relative, Sequence: 1<<32 - 2, DX: 1<<31 - 1, WheelY: -1 << 31}}
		tr.started, tr.last = true, sums{sequence: 1<<32 - 2, dx: 1<<31 - 1, wheelY: -1 << 31}
		check(t, &tr, h.send(t), "")
		h.m.DX, h.m.WheelY = -1<<31+9, 1<<31-120
		check(t, &tr, h.send(t), "→10,0 wheel4")
	})
	t.Run("too much wheel", func(t *testing.T) {
		var tr tracker
		h := &hand{Message{Mode: Relative, WheelY: 1 << 30}}
		actions := tr.next(h.send(t), nil)
		if len(actions) != 2*maxClicks {
			t.Errorf("%d actions", len(actions))
		}
		h.m.WheelY += 120
		check(t, &tr, h.send(t), "wheel5")
	})
}

func TestTrackerReleaseAll(t *testing.T) {
	var tr tracker
	h := &hand{Message{Mode: Relative}}
	check(t, &tr, h.change(keyA, true).change(ButtonRight, true).send(t), "+30 +273")
	if got := say(tr.releaseAll(nil)); got != "-30 -273" {
		t.Errorf("released %q", got)
	}
	// What happened during a pause is not made up for, what is held counts.
	h.change(keyA, false).change(ButtonRight, false)
	h.tap(1)
	h.m.DX, h.m.WheelY = 500, 1200
	check(t, &tr, h.change(keyW, true).send(t), "+17")
	h.m.DX = 501
	check(t, &tr, h.send(t), "→1,0")
	// Nor is what happened while nothing was to be played.
	if got := say(tr.bar(nil)); got != "-17" {
		t.Errorf("released %q", got)
	}
	h.m.Pads[1].Connected = true
	h.tap(1).change(PadButton(1, 3), true).m.DX += 50
	check(t, &tr, h.send(t), "+547")
	tr.unbar()
	h.m.DX++
	check(t, &tr, h.change(keyA, true).send(t), "+17 +30")
	// Before the first message there is nothing to go on from.
	tr = tracker{}
	tr.releaseAll(nil)
	check(t, &tr, (&hand{Message{Mode: Relative}}).tap(keyA).send(t), "+30 -30")
}

// Whatever is lost, doubled or late: at the end the held codes, the motion and
// the wheel are those of the sender.
func TestTrackerEndsWhereTheSenderIs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var tr tracker
		h := &hand{Message{Mode: Relative}}
		var sent []*Message
		for range 60 {
			code := Code(1 + rnd.IntN(20))
			h.change(code, !slices.Contains(h.m.Held, code))
			h.m.DX += int32(rnd.IntN(21) - 10)
			h.m.WheelY += int32(rnd.IntN(241) - 120)
			if m := h.send(t); rnd.IntN(3) > 0 {
				sent = append(sent, m)
			}
		}
		for range 30 {
			i := rnd.IntN(len(sent) - 1)
			sent[i], sent[i+1] = sent[i+1], sent[i]
			sent = append(sent, sent[i])
		}
		sent = append(sent, h.send(t))
		held, dx, wheel := map[Code]bool{}, int32(0), int32(0)
		for _, m := range sent {
			if !tr.isNew(m) {
				continue
			}
			for _, a := range tr.next(m, nil) {
				switch {
				case a.kind == move:
					dx += a.x
				case a.wheel != 0 && a.kind == press:
					wheel += int32(a.wheel)*2 - 9 // 4 up, 5 down
				case a.wheel != 0:
				case held[a.code] == (a.kind == press):
					t.Fatalf("pressed or released twice: %d", a.code)
				case a.kind == press:
					held[a.code] = true
				default:
					delete(held, a.code)
				}
			}
		}
		if dx != h.m.DX || len(held) != len(h.m.Held) || wheel*notch-h.m.WheelY > notch || h.m.WheelY-wheel*notch > notch {
			t.Fatalf("got %d, %d, %v, want %d, %d, %v", dx, wheel*notch, held, h.m.DX, h.m.WheelY, h.m.Held)
		}
	}
}
