package input

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// padLog writes down what is played.
type padLog []string

func (l *padLog) Play(pad int, s PadState) {
	*l = append(*l, fmt.Sprintf("%d:%x %v %v", pad, s.Buttons, s.Axes[:2], s.Triggers))
}

func (l *padLog) Vanish(pad int) { *l = append(*l, fmt.Sprintf("%d gone", pad)) }

// player is a sender with pads, and who plays what it sends.
type player struct {
	hand
	tracker tracker
	pads    padHand
	log     padLog
}

func newPlayer() *player {
	p := &player{hand: hand{Message{Mode: Relative}}}
	p.pads.player = &p.log
	return p
}

// expect sends the state, and compares what comes of it.
func (p *player) expect(t *testing.T, want ...string) {
	t.Helper()
	m := p.send(t)
	p.log = nil
	changes := p.pads.next(m, p.tracker.next(m, nil))
	if !slices.Equal(p.log, want) {
		t.Errorf("message %d: played %q, want %q", m.Sequence, strings.Join(p.log, ", "), strings.Join(want, ", "))
	}
	if changes != len(want) {
		t.Errorf("message %d: %d changes, want %d", m.Sequence, changes, len(want))
	}
}

func TestPads(t *testing.T) {
	p := newPlayer()
	p.m.Pads[2].Connected = true
	p.expect(t, "2:0 [0 0] [0 0]")
	p.expect(t)
	p.change(PadButton(2, 0), true).change(PadButton(2, 12), true)
	p.m.Pads[2].Axes[0] = -32768
	p.expect(t, "2:1001 [-32768 0] [0 0]")
	p.m.Pads[2].Axes[1] = 77
	p.expect(t, "2:1001 [-32768 77] [0 0]")
	p.m.Pads[0].Connected = true
	p.change(PadButton(0, 16), true)
	p.expect(t, "0:10000 [0 0] [0 0]")
	p.change(PadButton(0, 16), false)
	p.m.Pads[0] = Pad{}
	p.expect(t, "0 gone")
	p.change(PadButton(2, 0), false)
	p.expect(t, "2:1000 [-32768 77] [0 0]")
}

// A tap that went by in messages that were lost is seen by the game.
func TestPadTapsSurvive(t *testing.T) {
	p := newPlayer()
	p.m.Pads[1].Connected = true
	p.expect(t, "1:0 [0 0] [0 0]")
	p.tap(PadButton(1, 3)).send(t)
	p.change(PadButton(1, 0), true)
	p.expect(t, "1:8 [0 0] [0 0]", "1:1 [0 0] [0 0]")
	p.change(PadButton(1, 0), false).send(t)
	p.change(PadButton(1, 0), true)
	p.expect(t, "1:0 [0 0] [0 0]", "1:1 [0 0] [0 0]")
}

func TestPadTriggers(t *testing.T) {
	p := newPlayer()
	p.m.Pads[0].Connected = true
	p.expect(t, "0:0 [0 0] [0 0]")
	pull := func(left uint8) *player {
		p.m.Pads[0].Triggers[0] = left
		return p
	}
	pull(100).expect(t, "0:0 [0 0] [100 0]")
	pull(200).change(PadButton(0, 6), true)
	p.expect(t, "0:40 [0 0] [200 0]")
	pull(90).change(PadButton(0, 6), false)
	p.expect(t, "0:0 [0 0] [90 0]")
	// Pulled and let go in messages that were lost, and not quite back yet.
	pull(255).change(PadButton(0, 6), true).send(t)
	pull(10).change(PadButton(0, 6), false)
	p.expect(t, "0:40 [0 0] [255 0]", "0:0 [0 0] [10 0]")
}

func TestPadsRest(t *testing.T) {
	p := newPlayer()
	p.m.Pads[0] = Pad{Connected: true, Axes: [4]int16{1, 2, 3, 4}}
	p.change(PadButton(0, 1), true)
	p.expect(t, "0:2 [1 2] [0 0]")
	p.log = nil
	p.pads.rest()
	p.tracker.releaseAll(nil)
	if want := []string{"0:0 [0 0] [0 0]"}; !slices.Equal(p.log, want) {
		t.Errorf("played %q, want %q", p.log, want)
	}
	p.expect(t, "0:2 [1 2] [0 0]")
}

func TestAPadThatNobodyTouches(t *testing.T) {
	p := newPlayer()
	for _, c := range []struct {
		pad  Pad
		want bool
	}{
		{Pad{}, false},
		{Pad{Axes: [4]int16{900, -4000, 8191, -8191}, Triggers: [2]uint8{63, 9}}, false},
		{Pad{Axes: [4]int16{0, 0, 0, -8192}}, true},
		{Pad{Axes: [4]int16{-32768}}, true},
		{Pad{Triggers: [2]uint8{0, 64}}, true},
	} {
		c.pad.Connected = true
		p.m.Pads[1] = c.pad
		m := p.send(t)
		p.pads.next(m, p.tracker.next(m, nil))
		if got := p.pads.touched(); got != c.want {
			t.Errorf("%+v is touched: %v", c.pad, got)
		}
	}
	p.m.Pads[1] = Pad{}
	m := p.send(t)
	p.pads.next(m, p.tracker.next(m, nil))
	if p.pads.touched() {
		t.Error("a pad that is gone is touched")
	}
}
