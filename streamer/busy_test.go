package streamer

import (
	"sync"
	"syscall"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/events"
)

// While the slot waits for the X server its player goes and comes again. The
// peer that goes waits for the slot, and the slot then closes that peer; and
// the log waits for neither.
func TestBusySlot(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	first, second := h.join(t, session), newBrowser(t)
	first.hold(t, "KeyA")
	s.inputs(t, 1)
	offer := second.offer(t)

	h.signal(t, session, "display", syscall.SIGSTOP)
	h.tell(t, events.SessionPaused{Session: session})
	h.tell(t, events.SessionResumed{Session: session})
	h.tell(t, events.SessionPaused{Session: session})
	answers := make(chan string, 1)
	var asking sync.WaitGroup
	asking.Go(func() {
		_, answer, err := h.worker.Connect(t.Context(), session, asHost, offer)
		if err != nil {
			t.Errorf("connect: %v", err)
		}
		answers <- answer
	})
	first.leave()
	h.signal(t, session, "display", syscall.SIGCONT)

	second.accept(t, soon(t, "answer", answers))
	asking.Wait()
	// The first may have been lost before the second came, or replaced by it.
	for next := h.reports.next(t); next.report != (Connected{}); next = h.reports.next(t) {
		if _, lost := next.report.(Disconnected); !lost {
			t.Fatalf("%+v is reported", next.report)
		}
	}
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	h.tell(t, events.SessionResumed{Session: session})
	if !second.frame(t).key {
		t.Error("the first frame is no key frame")
	}
}

// A display that does not answer ends the session, whether input or capture
// loses patience first.
func TestDeafDisplay(t *testing.T) {
	for name, act := range map[string]func(*testing.T, *house, *browser, events.SessionID){
		"paused": func(t *testing.T, h *house, _ *browser, session events.SessionID) {
			h.tell(t, events.SessionPaused{Session: session})
		},
		"key released": func(t *testing.T, _ *house, b *browser, _ events.SessionID) { b.hold(t) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			session := h.draw(t, "draws")
			s := h.screen(t, session)
			b := h.join(t, session)
			b.hold(t, "KeyA")
			s.inputs(t, 1)
			h.signal(t, session, "display", syscall.SIGSTOP)
			act(t, h, b, session)
			h.over(t, session, Broken{Cause: events.FailedPicture, Detail: patience.String()})
		})
	}
}

// The end is not held up by a display that does not answer.
func TestEndDeafDisplay(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	b := h.join(t, session)
	b.hold(t, "KeyA")
	s.inputs(t, 1)
	h.signal(t, session, "display", syscall.SIGSTOP)
	b.hold(t) // and a handler of the peer waits for it
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	h.over(t, session, Finished{Reason: events.EndedByPlayer})
}

// Pages of one player that fight over a session, with hands on the keys, while
// it is paused and resumed: nothing gets stuck, and the last one has it.
func TestFight(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	var fighters sync.WaitGroup
	for range 4 {
		b := newBrowser(t)
		offer := b.offer(t)
		fighters.Go(func() {
			_, answer, err := h.worker.Connect(t.Context(), session, asHost, offer)
			if err != nil {
				t.Error(err)
				return
			}
			if err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		h.tell(t, events.SessionPaused{Session: session})
		h.tell(t, events.SessionResumed{Session: session})
	}
	fighters.Wait()
	b := h.knock(t, session)
	soon(t, "input channel", b.open)
	b.frame(t)
	s := h.screen(t, session)
	b.hold(t, "KeyA")
	s.inputs(t, 1)
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	h.freed(t, session)
}
