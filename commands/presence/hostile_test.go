package presence_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

// TestWhateverIsAsked, of whatever ids and with a clock that goes anywhere: the
// answer is events or a fault with words, the presence stays within its bounds,
// and what is told is what is so.
func TestWhateverIsAsked(t *testing.T) {
	ids := rapid.OneOf(rapid.SampledFrom([]string{"", "anna", "c1", "c2", "An na", "../x", strings.Repeat("a", 70)}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var state presence.State
		told := events.PresenceIsOffline
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			player, id := events.PlayerID(ids.Draw(t, "player")), events.ConnectionID(ids.Draw(t, "connection"))
			played := events.SessionID{0: byte(rapid.IntRange(0, 2).Draw(t, "session"))}
			line := events.Connection{ID: id, Device: events.DeviceID(ids.Draw(t, "device")), Gateway: events.GatewayID(ids.Draw(t, "gateway")), Incarnation: ids.Draw(t, "process")}
			command := rapid.SampledFrom([]commands.Command[presence.State]{
				presence.Connect{Player: player, Connection: line}, presence.Connect{Player: "anna", Connection: events.Connection{ID: "c1", Device: "d", Gateway: "g", Incarnation: "i"}},
				presence.Connect{Player: "anna", Connection: events.Connection{ID: "c2", Device: "d", Gateway: "g", Incarnation: "i"}, Idle: true},
				presence.Disconnect{Player: player, Connection: id, Cause: events.DisconnectClosed}, presence.Disconnect{Player: player, Connection: "c1", Cause: events.DisconnectCause(id)},
				presence.Settle{Player: player, Connection: id}, presence.Idle{Player: player, Connection: id, Idle: true}, presence.Idle{Player: player, Connection: id},
				presence.Hide{Player: player, Invisible: true}, presence.Hide{Player: player}, presence.Enter{Player: player, Session: played, Game: events.GameID(id)},
				presence.Enter{Player: "anna", Session: played, Game: "doom"}, presence.Exit{Player: player, Session: played},
				presence.LetJoin{Player: player, Session: played, Joinable: true}, presence.Clear{Player: player},
			}).Draw(t, "command")
			decided, err := command.Decide(state, Now.Add(time.Duration(rapid.Int64().Draw(t, "time"))))
			var fault *events.Fault
			if err != nil && (!errors.As(err, &fault) || fault.Code == "" || fault.Message == "" || len(decided) > 0) {
				t.Fatalf("%+v is refused with %v, %v", command, err, decided)
			}
			for _, e := range decided {
				if e, is := e.(events.PresenceChanged); is {
					told = e.State
				}
				state = state.Evolve(e)
			}
			if told != state.Is() || len(state.Devices) > 32 || len(state.Games) > 2 {
				t.Fatalf("told is %s of %+v", told, state)
			}
			for _, d := range state.Devices {
				if _, err := events.ParseConnectionID(string(d.ID)); err != nil || d.Incarnation == "" {
					t.Fatalf("%+v lets %+v in", command, d)
				}
			}
		}
	})
}
