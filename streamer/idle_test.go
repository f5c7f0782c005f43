package streamer

import (
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

func TestTouches(t *testing.T) {
	at := newTouches(0)
	look := func(after time.Duration, want Report) {
		t.Helper()
		if got := at.look(at.began.Add(after)); got != want {
			t.Errorf("after %s: %+v, want %+v", after, got, want)
		}
	}
	look(59*time.Second, nil)
	look(60*time.Second, Idled{For: time.Minute})
	look(500*time.Second, nil)
	at.touch(at.began.Add(501 * time.Second))
	look(502*time.Second, Roused{})
	look(503*time.Second, nil)
	look(561*time.Second, Idled{For: time.Minute})
	at.touch(at.began.Add(562 * time.Second)) // and nobody has looked for long
	look(700*time.Second, Roused{})
	look(701*time.Second, Idled{For: 139 * time.Second})
	look(0, nil) // a clock that goes back
}

// TestIdleness: whoever touches whatever they may, the session is not idle; and
// each change is said once.
func TestIdleness(t *testing.T) {
	h := newHouse(t)
	h.worker.parts.Idle = 200 * time.Millisecond
	session := h.draw(t, "draws")
	host := h.join(t, session)
	idled := func() {
		t.Helper()
		if got := report[Idled](t, h.reports, session); got.For < h.worker.parts.Idle {
			t.Errorf("idle after %s", got.For)
		}
	}
	guest := h.sit(t, session, asBert)
	idled()
	guest.hold(t, "KeyB") // nobody has given them anything
	h.tell(t, events.GuestJoined{Session: session, Player: "bert"})
	host.message.X++
	host.hold(t)
	report[Roused](t, h.reports, session)
	idled()
	host.say(t, `{"type":"text","text":"a"}`)
	report[Roused](t, h.reports, session)
	idled()
	h.tell(t, events.ControlGiven{Session: session, Player: "bert", Pads: 1})
	guest.heeds(t, `"seat"`, `"pads":1`)
	guest.touch(t, 0, [4]int16{300, -300}) // a stick that is never quite still
	h.tell(t, events.SessionPaused{Session: session})
	host.still(t) // for longer than is looked
	h.reports.none(t)
	h.tell(t, events.SessionResumed{Session: session})
	report[Roused](t, h.reports, session)
	idled()
	guest.touch(t, 0, [4]int16{30_000})
	report[Roused](t, h.reports, session)
}
