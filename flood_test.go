package main_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/input"
)

// floodRate is how many messages a second a flood is of.
const floodRate = 10_000

// TestFlood: a client that sends 10,000 messages of input a second, or of
// control, or does both as a spectator, and most of it makes no sense, takes the
// picture from nobody, and the log tells how many were refused.
func TestFlood(t *testing.T) {
	p := up(t, dataIn(t), append(withGames(t), "--slots", "2")...)
	one, two := p.signIn("player1"), p.signIn("player2")
	id, session, flooder := one.fly()
	beside, _, neighbour := two.fly()
	code, err := one.account.Invite(t.Context(), session, events.InvitationToWatch)
	if err != nil {
		t.Fatal(err)
	}
	spectator := two.spectate(code)
	watch := func(what string, streams ...func(n int) error) {
		t.Helper()
		ending := flood(t, streams...)
		counts := make(chan frameCounts)
		go func() { counts <- watchFrames(t, flooder, 6) }()
		theirs := watchFrames(t, neighbour, 6)
		own := <-counts
		sent := ending()
		t.Logf("%s, %v messages a second: the session's player sees %s", what, sent, own)
		t.Logf("its neighbour %s", theirs)
		// As beside a hostile game: tests want the picture to go on.
		if own.median() == 0 || theirs.median() == 0 {
			t.Errorf("%s: the picture stands still", what)
		}
	}
	refused := func(more int) {
		t.Helper()
		var all int
		stream := streamOf(t, id)
		eventually(t, "a window of quality that tells of refusals", func() (bool, any) {
			all = 0
			for _, w := range find[events.QualityReported](facts(t, p.log()), stream) {
				all += w.Quality.Refused
			}
			return all >= more, all
		})
		t.Logf("%d messages refused until now", all)
	}
	watch("nobody floods")
	watch("a spectator floods", spectator.inputs(), spectator.controls())
	spectator.await(1)
	spectator.leave()
	watch("a player floods with input", flooder.inputs())
	refused(1000)
	watch("a player floods with control", flooder.controls())
	flooder.await(30)
	neighbour.await(30)
	two.steer(beside, "end")
	two.await(beside, events.SessionIsEnded)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	slotsHeld(t, p, 0)
	p.stop()
}

// fly starts what moves all of the picture, and connects to it.
func (c *player) fly() (string, events.SessionID, *viewer) {
	c.t.Helper()
	id := c.request("flight")
	c.await(id, events.SessionIsReady)
	session, err := events.ParseSessionID(id)
	if err != nil {
		c.t.Fatal(err)
	}
	view := c.connect(id)
	c.await(id, events.SessionIsActive)
	view.await(60) // it begins slowly
	return id, session, view
}

// flood sends floodRate messages a second of each stream, the nth of which a
// stream sends, until it is told to end. It says how many a second there were.
func flood(t *testing.T, streams ...func(n int) error) (end func() (rates []int)) {
	stop, ended := make(chan struct{}), make(chan int, len(streams))
	for _, send := range streams {
		go func() {
			sent, began := 0, time.Now()
			defer func() { ended <- int(float64(sent) / time.Since(began).Seconds()) }()
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				for due := int(time.Since(began) * floodRate / time.Second); sent < due; sent++ {
					if err := send(sent); err != nil {
						t.Errorf("after %d messages: %v", sent, err)
						return
					}
				}
			}
		}()
	}
	return func() (rates []int) {
		close(stop)
		for range streams {
			rates = append(rates, <-ended)
		}
		return rates
	}
}

// inputs are input messages: valid ones that press a key or release it, the same
// again, ones out of their order, and short, long and random ones.
func (v *viewer) inputs() func(n int) error {
	code, _ := input.KeyCode("KeyB")
	random := make([]byte, 4096)
	_, _ = rand.Read(random) // never fails
	var m input.Message
	return func(n int) error {
		from := n % 1000
		switch n % 8 {
		case 0:
			return v.Send(random[from : from+n%32]) // short
		case 1:
			return v.Send(random[from : from+33]) // as long as most
		case 2:
			return v.Send(append([]byte{input.Version, 0}, random[from:from+40]...))
		case 3:
			return v.Send(random[:2000+from]) // long
		}
		sent := m
		switch n % 8 {
		case 4: // the same again
		case 5:
			sent.Sequence -= uint32(from)
		default:
			m.Sequence++
			m.Changes++
			m.Held = nil
			if m.Changes%2 == 1 {
				m.Held = []input.Code{code}
			}
			m.Recent = append(m.Recent, input.Change{Code: code, Pressed: m.Changes%2 == 1})
			m.Recent = m.Recent[max(0, len(m.Recent)-input.MaxRecent):]
			sent = m
		}
		wire, err := sent.Append(nil)
		if err != nil {
			return fmt.Errorf("a message of the test: %w", err)
		}
		return v.Send(wire)
	}
}

// controls are control messages: some that a page sends, but too often, and ones
// of other types, of no type, of no JSON, and now and then a long one.
func (v *viewer) controls() func(n int) error {
	long := `{"type":"text","text":"` + strings.Repeat("x", 1<<17) + `"}`
	texts := []string{
		`{"type":"keyboard","layout":"none of all"}`, `{"type":"keyboard","layout":"de"}`, `{"type":"locks","caps":true}`,
		`{"type":"text","text":"e\u0301"}`, `{"type":"clipboard","text":"a","more":true}`, `{"type":"clipboard","text":"b"}`,
		`{"type":"report","totals":{"presented":-1}}`, `{"type":"game","wait":true}`, `{"type":"unheard-of"}`, `{"type":7}`, "", "{", "null", "\x00\xff",
	}
	return func(n int) error {
		if n%1000 == 999 {
			return v.Tell(long)
		}
		return v.Tell(texts[n%len(texts)])
	}
}
