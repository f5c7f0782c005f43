package streamer

import (
	"errors"
	"syscall"
	"testing"

	"github.com/pion/rtcp"

	"github.com/playcast/playcast/events"
)

func TestLeave(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	b := h.join(t, session)
	b.hold(t, "KeyA")
	s.inputs(t, 1)
	must(t, h.worker.Disconnect(t.Context(), hosts(session, b.peer)))
	report[Disconnected](t, h.reports, session)
	eventually(t, "keys are released", func() bool { return !s.held(t, keyA) })
	if err := h.worker.Disconnect(t.Context(), hosts(session, b.peer)); !errors.Is(err, ErrPeerUnknown) {
		t.Errorf("to leave twice gives %v", err)
	}
	if n := h.media.Peers(); n != 0 {
		t.Errorf("%d peers are left", n)
	}
	// The game goes on, for who comes back.
	if !h.join(t, session).frame(t).key {
		t.Error("the first frame is no key frame")
	}
	h.reports.none(t)
}

func TestLost(t *testing.T) {
	for name, lose := range map[string]func(*testing.T, *browser){
		"closed":   func(_ *testing.T, b *browser) { b.leave() },
		"vanished": func(t *testing.T, b *browser) { b.vanish(t) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			session := h.draw(t, "draws")
			b := h.join(t, session)
			b.frame(t)
			lose(t, b)
			if got := report[Disconnected](t, h.reports, session); got.Cause == "" {
				t.Error("the loss has no cause")
			}
			eventually(t, "the peer is freed", func() bool { return h.media.Peers() == 0 })
			h.join(t, session).frame(t)
			h.reports.none(t)
		})
	}
}

func TestReplaced(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	first := h.join(t, session)
	first.frame(t)
	second := h.join(t, session)
	for soon(t, "farewell", first.told) != `{"type":"replaced"}` {
	}
	if !second.frame(t).key {
		t.Error("the first frame of the second is no key frame")
	}
	if n := h.media.Peers(); n != 1 {
		t.Errorf("there are %d peers", n)
	}
	if err := h.worker.Disconnect(t.Context(), hosts(session, first.peer)); !errors.Is(err, ErrPeerUnknown) {
		t.Errorf("the first leaves: %v", err)
	}
	s := h.screen(t, session)
	second.hold(t, "KeyA")
	s.inputs(t, 1)
	h.reports.none(t)
}

// While nothing is drawn, frames are far apart: the one that is awaited when
// the audience changes must not take the newcomer's key frame with it.
func TestReplacedWhileStill(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	h.join(t, session).frame(t)
	h.signal(t, session, "game", syscall.SIGSTOP)
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	for range 5 {
		if !h.join(t, session).frame(t).key {
			t.Error("the first frame is no key frame")
		}
	}
}

// A page that asks for a key frame with every frame gets one a second.
func TestPLIStorm(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	const clock, length = 90_000, 3 // RTP ticks a second, and seconds
	first, keys := b.frame(t), 0
	for f := first; f.rtp-first.rtp < length*clock; f = b.frame(t) {
		if f.key {
			keys++
		}
		must(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: f.ssrc}}))
	}
	if keys < 2 || keys > length+1 {
		t.Errorf("%d key frames in %d s", keys, length)
	}
	h.reports.none(t)
}

func TestSignallingRefuses(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	early := h.allocate(t, "blank")
	offer := newBrowser(t).offer(t)
	refused := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	_, _, err := h.worker.Connect(ctx, early, asHost, offer)
	refused("connect before the game draws", err, ErrNotReady)
	refused("trickle before the game draws", h.worker.Trickle(ctx, hosts(early, "x"), "", ""), ErrPeerUnknown)
	refused("leave before the game draws", h.worker.Disconnect(ctx, hosts(early, "x")), ErrPeerUnknown)
	report[Launched](t, h.reports, early)

	unknown := events.NewSessionID()
	_, _, err = h.worker.Connect(ctx, unknown, asHost, offer)
	refused("connect to an unknown session", err, ErrNotHere)
	refused("trickle to an unknown session", h.worker.Trickle(ctx, hosts(unknown, "x"), "", ""), ErrNotHere)
	refused("leave an unknown session", h.worker.Disconnect(ctx, hosts(unknown, "x")), ErrNotHere)

	session := h.draw(t, "draws")
	b := h.join(t, session)
	_, _, err = h.worker.Connect(ctx, session, asHost, "hello")
	refused("garbage", err, ErrNotSDP)
	_, _, err = h.worker.Connect(ctx, session, asHost, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
	refused("no video", err, ErrOffer)
	refused("garbage for candidates", h.worker.Trickle(ctx, hosts(session, b.peer), "", "hello"), ErrFragment)
	refused("candidates of another ICE session", h.worker.Trickle(ctx, hosts(session, b.peer), "", ""), ErrICE)
	restarted := func(peer, fragment string) error {
		_, err := h.worker.Restart(ctx, hosts(session, peer), fragment)
		return err
	}
	refused("a restart without credentials", restarted(b.peer, "a=mid:0\r\n"), ErrFragment)
	refused("a restart of an unknown peer", restarted("x", "a=mid:0\r\n"), ErrPeerUnknown)
	refused("trickle to an unknown peer", h.worker.Trickle(ctx, hosts(session, "x"), "", ""), ErrPeerUnknown)
	// What is refused does not disturb who is there.
	for len(b.frames) > 0 {
		b.frame(t)
	}
	b.frame(t)
	h.reports.none(t)
}
