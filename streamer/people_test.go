package streamer

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/transport"
)

var (
	asBert    = events.GuestSeat("bert")
	shown     = events.InvitationOf(events.NewCommandID())
	asWatcher = events.SpectatorSeat(shown)
)

// sit connects a new browser from a seat beside the host's.
func (h *house) sit(t *testing.T, session events.SessionID, seat events.Seat) *browser {
	t.Helper()
	b := newBrowser(t)
	peer, answer, err := h.worker.Connect(t.Context(), session, seat, b.offer(t))
	must(t, err)
	b.peer = peer
	b.accept(t, answer)
	soon(t, "input channel", b.open)
	return b
}

// heeds waits for a message of the control channel with these words in it.
func (b *browser) heeds(t *testing.T, words ...string) {
	t.Helper()
	for {
		text := soon(t, "message with "+strings.Join(words, ", "), b.told)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			return
		}
	}
}

// TestNobodyHasASayInAnothersPeer, also who has learnt its name.
func TestNobodyHasASayInAnothersPeer(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	host := h.join(t, session)
	h.tell(t, events.GuestJoined{Session: session, Player: "bert"})
	guest := h.sit(t, session, asBert)
	for _, c := range []struct {
		seat events.Seat
		peer string
	}{
		{asBert, host.peer}, {asWatcher, host.peer}, {asWatcher, guest.peer}, {asHost, guest.peer},
		{events.GuestSeat("carl"), guest.peer}, {events.SpectatorSeat(events.InvitationOf(events.NewCommandID())), host.peer},
	} {
		named := events.Peer{Session: session, Seat: c.seat, Name: c.peer}
		_, restarted := h.worker.Restart(t.Context(), named, "a=mid:0\r\n")
		for what, err := range map[string]error{
			"trickle": h.worker.Trickle(t.Context(), named, "", ""), "restart": restarted, "close": h.worker.Disconnect(t.Context(), named),
		} {
			if !errors.Is(err, ErrPeerUnknown) {
				t.Errorf("%s from %v: %v", what, c.seat, err)
			}
		}
	}
	if n := h.media.Peers(); n != 2 {
		t.Errorf("%d peers are left of two", n)
	}
}

// A guest sees the players' picture, plays what the host gives, keeps the seat
// when the connection goes, and is gone when removed. Nothing of it is reported.
func TestGuest(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	host := h.join(t, session)
	host.frame(t)
	h.tell(t, events.GuestJoined{Session: session, Player: "bert"})
	guest := h.sit(t, session, asBert)
	if !guest.frame(t).key {
		t.Error("a guest's first frame is no key frame")
	}
	guest.heeds(t, `"seat"`, `"guest"`, `"keyboard":false`)
	guest.hold(t, "KeyA")
	h.tell(t, events.ControlGiven{Session: session, Player: "bert", Keyboard: true, Pads: 1})
	guest.heeds(t, `"seat"`, `"keyboard":true`, `"pads":1`)
	host.heeds(t, `"seat"`, `"keyboard":false`, `"pads":3`)
	eventually(t, "the guest's key is down", func() bool {
		guest.hold(t, "KeyA")
		return s.held(t, keyA)
	})
	h.tell(t, events.ControlTaken{Session: session, Player: "bert", Pads: 1})
	eventually(t, "the guest's key is up", func() bool { return !s.held(t, keyA) })
	host.heeds(t, `"seat"`, `"keyboard":true`)

	again := h.sit(t, session, asBert)
	guest.heeds(t, "replaced")
	again.frame(t)
	again.leave()
	eventually(t, "the guest has gone", func() bool { return h.media.Peers() == 1 })
	last := h.sit(t, session, asBert)
	last.frame(t)
	h.tell(t, events.GuestLeft{Session: session, Player: "bert", Removed: true})
	last.heeds(t, "removed")
	eventually(t, "the guest is removed", func() bool { return h.media.Peers() == 1 })
	if _, _, err := h.worker.Connect(t.Context(), session, asBert, newBrowser(t).offer(t)); !errors.Is(err, ErrNoSeat) {
		t.Errorf("a guest who was removed connects: %v", err)
	}
	host.frame(t)
	h.reports.none(t)
}

// Spectators are shown a picture of their own, which is there while they are.
// What they send is refused and counted, and they come and go unreported.
func TestSpectators(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "large")
	s := h.screen(t, session)
	host := h.join(t, session)
	host.frame(t)
	players := h.worker.slot(session).stage.picture
	before := players.encoding.encoderName()
	watchers := []*browser{h.sit(t, session, asWatcher), h.sit(t, session, asWatcher)}
	for _, w := range watchers {
		if !w.frame(t).key {
			t.Error("a spectator's first frame is no key frame")
		}
		soon(t, "sound", w.sound)
	}
	host.heeds(t, `"people"`, `"watching":2`)
	watchers[0].heeds(t, `"watching":2`)
	peers := h.worker.slot(session).seats.others
	w := watchers[0]
	w.hold(t, "KeyA")
	must(t, w.control.SendText(`{"type":"report"}`))
	eventually(t, "what a spectator sends is refused", func() bool {
		refused := &peers[0].figures.refused
		return refused.input.Load() == 1 && refused.control.Load() == 1
	})
	if s.held(t, keyA) {
		t.Error("a spectator has pressed a key")
	}
	gallery := h.worker.slot(session).stage.gallery
	gallery.picture.encoding.mu.Lock()
	small := gallery.picture.encoding.shape
	gallery.picture.encoding.mu.Unlock()
	if small.FrameRate > galleryRate || small.Height > galleryHeight || players.encoding.encoderName() != before {
		t.Errorf("spectators are shown %v", small)
	}
	h.tell(t, events.SessionPaused{Session: session})
	for _, one := range append(watchers, host) {
		one.still(t)
	}
	h.tell(t, events.SessionResumed{Session: session})
	for _, one := range append(watchers, host) {
		one.frame(t)
	}
	must(t, h.worker.Disconnect(t.Context(), hosts(session, host.peer)))
	report[Disconnected](t, h.reports, session)
	w.frame(t)

	w.leave()
	h.tell(t, events.InvitationWithdrawn{Session: session, Invitation: shown, Remove: true})
	eventually(t, "the spectators are gone", func() bool { return h.media.Peers() == 0 && h.worker.hall.Load() == 0 })
	if _, _, err := h.worker.Connect(t.Context(), session, asWatcher, newBrowser(t).offer(t)); !errors.Is(err, ErrNoSeat) {
		t.Errorf("one comes by an invitation that is withdrawn: %v", err)
	}
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	report[Finished](t, h.reports, session)
	h.freed(t, session)
}

// What the log says of people is heeded in whatever order the slot hears of it.
func TestPeopleOfASession(t *testing.T) {
	p := newPeople()
	check := func(seat events.Seat, want grant, seated bool) {
		t.Helper()
		if got, ok := p.may(seat); got != want || ok != seated {
			t.Errorf("%+v may %+v, %v; want %+v, %v", seat, got, ok, want, seated)
		}
	}
	check(asHost, host, true)
	check(asBert, grant{}, true) // the log may be behind who let them in
	p.note(events.GuestJoined{Player: "bert"})
	p.note(events.GuestJoined{Player: "cora"})
	p.note(events.ControlGiven{Player: "bert", Pads: 1})
	p.note(events.ControlGiven{Player: "cora", Keyboard: true, Pads: 2})
	check(asBert, grant{pads: 1}, true)
	check(asHost, grant{pads: 1}, true)
	p.note(events.GuestLeft{Player: "cora"})
	check(events.GuestSeat("cora"), grant{}, false)
	check(asHost, grant{keyboard: true, pads: 3}, true)
	p.note(events.InvitationWithdrawn{Invitation: shown})
	check(asWatcher, grant{}, true)
	p.note(events.InvitationWithdrawn{Invitation: shown, Remove: true})
	check(asWatcher, grant{}, false)
	var said struct {
		Type, Role string
		Keyboard   bool
		Pads       int
	}
	if err := json.Unmarshal([]byte(seatText(events.SeatOfGuest, grant{pads: 1})), &said); err != nil || said.Type != "seat" || said.Pads != 1 {
		t.Errorf("a page is told %+v, %v", said, err)
	}
}

// fellow is one of a crowd, on a path that a test makes.
type fellow struct {
	taker
	stats  transport.Stats
	probed int
}

func (f *fellow) Stats() transport.Stats { return f.stats }
func (f *fellow) Probe(bps int)          { f.probed = bps }

// The crowd is as narrow as its narrowest, but for who can't be helped.
func TestCrowd(t *testing.T) {
	audience := newAudience(func() {})
	defer audience.keys.stop()
	began := time.Now()
	c := newCrowd(audience, began)
	if c.look(began) {
		t.Error("there is a crowd of nobody")
	}
	wide, narrow := &fellow{}, &fellow{}
	wide.stats = transport.Stats{Estimate: 8_000_000, Sent: transport.SentStats{Bytes: 1000}}
	narrow.stats = transport.Stats{Estimate: 500_000, Sent: transport.SentStats{Bytes: 5000}}
	c.enter(wide)
	if c.look(began); c.Stats().Estimate != firstGuess*100/85 {
		t.Errorf("it begins at %d", c.Stats().Estimate)
	}
	thin := c.enter(narrow)
	now := began.Add(openingTime)
	c.look(now)
	if got := c.Stats(); got.Estimate != 500_000 {
		t.Errorf("the narrowest is not heeded: %+v", got)
	}
	c.Probe(700_000)
	if wide.probed != 700_000 || narrow.probed != 700_000 {
		t.Errorf("probed are %d and %d", wide.probed, narrow.probed)
	}
	before := c.Stats().Sent.Bytes
	narrow.stats.Sent.Bytes += 300
	c.look(now)
	if got := c.Stats().Sent.Bytes - before; got != 300 {
		t.Errorf("%d bytes were sent, want 300", got)
	}
	c.yield(true, now)
	if got := c.Stats().Estimate; got != thinAt {
		t.Errorf("beside an encoder that is pressed the gallery has %d", got)
	}
	c.look(now)
	if c.yield(false, now.Add(relief)); c.Stats().Estimate != 500_000 {
		t.Errorf("afterwards it has %d", c.Stats().Estimate)
	}
	narrow.stats.Estimate, narrow.stats.Loss = 300_000, 0.3
	c.look(now)
	if c.look(now.Add(thinAfter)); !thin.Load() || c.Stats().Estimate != 8_000_000 || !c.anyThin() {
		t.Errorf("one who can't be helped holds up all: %+v", c.Stats())
	}
	narrow.stats.Loss = 0
	now = now.Add(time.Minute)
	c.look(now)
	if c.look(now.Add(thickAfter)); thin.Load() {
		t.Error("a path that is well again is still spared")
	}
	c.leave(narrow)
	c.leave(wide)
	if c.look(now) {
		t.Error("who has left is there")
	}
}
