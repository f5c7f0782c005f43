package streamer

import (
	"testing"

	"github.com/playcast/playcast/events"
)

func TestPause(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	b := h.join(t, session)
	b.hold(t, "KeyA")
	s.inputs(t, 1)

	h.tell(t, events.SessionPaused{Session: session})
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	b.hold(t, "KeyA") // the hand is still on the key
	b.still(t)
	if s.held(t, keyA) {
		t.Error("the key is held while the game is paused")
	}
	h.tell(t, events.SessionPaused{Session: session})
	if !h.stopped(t, session) {
		t.Error("a second pause resumed the game")
	}

	h.tell(t, events.SessionResumed{Session: session})
	if !b.frame(t).key {
		t.Error("the first frame after the pause is no key frame")
	}
	eventually(t, "the game runs", func() bool { return !h.stopped(t, session) })
	// What was pressed during the pause is no input; what is held is, again.
	b.hold(t, "KeyA")
	s.inputs(t, 2)
	h.reports.none(t)
}

func TestResumeAlone(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	b.frame(t)
	h.tell(t, events.SessionPaused{Session: session})
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	b.leave()
	report[Disconnected](t, h.reports, session)
	h.tell(t, events.SessionResumed{Session: session})
	report[Disconnected](t, h.reports, session)
	eventually(t, "the game runs", func() bool { return !h.stopped(t, session) })
	h.join(t, session).frame(t)
	h.reports.none(t)
}

func TestJoinPaused(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	h.tell(t, events.SessionPaused{Session: session})
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	b := h.join(t, session)
	b.still(t)
	h.tell(t, events.SessionResumed{Session: session})
	if !b.frame(t).key {
		t.Error("the first frame is no key frame")
	}
}

func TestEndPaused(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	h.join(t, session).frame(t)
	h.tell(t, events.SessionPaused{Session: session})
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	h.over(t, session, Finished{Reason: events.EndedByPlayer})
}

// Orders that come before the game draws are not forgotten.
func TestPausedEarly(t *testing.T) {
	h := newHouse(t)
	session := h.allocate(t, "draws")
	h.tell(t, events.SessionResumed{Session: session})
	h.tell(t, events.SessionPaused{Session: session})
	report[Launched](t, h.reports, session)
	report[Drawing](t, h.reports, session)
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	h.reports.none(t)
}
