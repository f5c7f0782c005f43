package streamer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/input"
)

func TestAcks(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	var a acks
	shows := func(ms int, want uint32) {
		t.Helper()
		text := ""
		if want != 0 {
			text = fmt.Sprintf(`{"type":"injected","seq":%d,"rtp":%d}`, want, ms)
		}
		if got := a.sent(at(ms), uint32(ms)); got != text {
			t.Errorf("at %d ms: told %q, want %q", ms, got, text)
		}
	}
	press := func(ms int, sequence uint32) { a.add(input.Played{Sequence: sequence, Pressed: true}, at(ms)) }
	move := func(ms int, sequence uint32) { a.add(input.Played{Sequence: sequence}, at(ms)) }

	shows(0, 0)
	press(10, 1)
	shows(9, 0) // was captured before
	shows(26, 1)
	shows(42, 0)
	press(50, 2) // too soon
	shows(55, 0)
	press(60, 3)
	press(61, 4)
	shows(76, 3)
	move(200, 5) // too soon for a motion
	shows(210, 0)
	move(260, 6)
	move(262, 7)
	press(264, 8) // is what the player waits for
	shows(263, 0)
	shows(280, 8)
}

func TestAcksAreBounded(t *testing.T) {
	var a acks
	start, told := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 0
	for ms := range 10_000 {
		now := start.Add(time.Duration(ms) * time.Millisecond)
		a.add(input.Played{Sequence: uint32(ms), Pressed: true}, now)
		if a.sent(now, 0) != "" {
			told++
		}
	}
	if told != 200 {
		t.Errorf("%d are told in 10 s, want 20 a second", told)
	}
}

// The page is told which frame can show its input.
func TestInjected(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	b.frame(t)
	b.hold(t, "KeyA")
	var sequence, rtp uint32
	for text := soon(t, "acknowledgement", b.told); ; text = soon(t, "acknowledgement", b.told) {
		if !strings.Contains(text, "injected") {
			continue
		}
		if _, err := fmt.Sscanf(text, `{"type":"injected","seq":%d,"rtp":%d}`, &sequence, &rtp); err != nil {
			t.Fatalf("told %q: %v", text, err)
		}
		break
	}
	if sequence != 1 {
		t.Errorf("the message %d is acknowledged", sequence)
	}
	for b.frame(t).rtp != rtp { // or it never arrives
	}
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
}
