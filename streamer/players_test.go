package streamer

import (
	"fmt"
	"testing"

	"github.com/playcast/playcast/events"
)

// Four players have a gamepad each: the host and three guests. The game finds
// four pads, and each is the one of who holds it.
func TestFourPlayers(t *testing.T) {
	h := newHouse(t)
	session, lines := h.padGame(t)
	players := []*browser{h.join(t, session)}
	players[0].appear(t, lines, 0, 0)
	for place, name := range []events.PlayerID{"bert", "cora", "dora"} {
		h.tell(t, events.GuestJoined{Session: session, Player: name})
		h.tell(t, events.ControlGiven{Session: session, Player: name, Pads: 1})
		guest := h.sit(t, session, events.GuestSeat(name))
		guest.appear(t, lines, 0, place+1)
		players = append(players, guest)
	}
	for place, player := range players {
		player.touch(t, 0, [4]int16{}, place)
		lines.Expect(t, fmt.Sprintf("%d %s true", place, []string{"a", "b", "x", "y"}[place]))
	}
	// A lost connection keeps the seat: the pad is there again when the guest is.
	players[2].leave()
	lines.Expect(t, "2 removed")
	again := h.sit(t, session, events.GuestSeat("cora"))
	again.appear(t, lines, 0, 2)
	again.touch(t, 0, [4]int16{}, 0)
	lines.Expect(t, "2 a true")
	// What is taken and given again is there at once, without a touch.
	h.tell(t, events.ControlTaken{Session: session, Player: "dora"})
	lines.Expect(t, "3 removed")
	h.tell(t, events.ControlGiven{Session: session, Player: "dora", Pads: 1})
	lines.Expect(t, "3 added")
	h.tell(t, events.GuestLeft{Session: session, Player: "bert", Removed: true})
	lines.Expect(t, "1 removed")
	players[3].frame(t)
}
