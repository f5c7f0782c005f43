package lobby_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/events"
)

// anything is an id of any kind, of a member or of nothing.
func anything(t *rapid.T) events.PlayerID {
	return events.PlayerID(rapid.OneOf(rapid.SampledFrom([]string{"", "anna", "bert", "An na", "../x", "session-1", id.String(), strings.Repeat("a", 70)}), rapid.String()).Draw(t, "id"))
}

// TestNothingThatIsNoPlayerGetsIn: whatever is asked, at whatever time, is
// answered with events or a fault that says what to do, and what gets into an
// event is an id.
func TestNothingThatIsNoPlayerGetsIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state lobby.State
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			by, whom := anything(t), anything(t)
			of := rapid.SampledFrom([]events.LobbyID{id, {}}).Draw(t, "lobby")
			command := rapid.SampledFrom([]commands.Command[lobby.State]{
				lobby.Create{Lobby: of, By: by, Visibility: events.LobbyPublic, Capacity: 4},
				lobby.Create{Lobby: of, By: "anna", Visibility: events.Visibility(whom), Capacity: rapid.Int().Draw(t, "capacity")},
				lobby.Join{Lobby: of, Player: by}, lobby.Leave{Lobby: of, Player: by}, lobby.Drop{Lobby: of, Player: by},
				lobby.Kick{Lobby: of, By: "anna", Player: whom}, lobby.Ban{Lobby: of, By: "anna", Player: whom}, lobby.Unban{Lobby: of, By: "anna", Player: whom},
				lobby.HandOver{Lobby: of, By: "anna", To: whom}, lobby.Choose{Lobby: of, By: "anna", Game: events.GameID(whom)},
				lobby.SetReady{Lobby: of, Player: by, Ready: true}, lobby.Start{Lobby: of, By: by}, lobby.ChangeCode{Lobby: of, By: by},
				lobby.Reopen{Lobby: of, Outcome: events.LobbyOutcome(whom)}, lobby.Say{Lobby: of, Player: by, Text: text(whom, 3)},
			}).Draw(t, "command")
			now := Now.Add(time.Duration(rapid.Int64().Draw(t, "time")))
			decided, err := command.Decide(state, now)
			var fault *events.Fault
			if err != nil && (!errors.As(err, &fault) || fault.Code == "" || fault.Message == "" || len(decided) > 0) {
				t.Fatalf("%+v is refused with %v, %v", command, err, decided)
			}
			for _, e := range decided {
				state = state.Evolve(e)
			}
			if _, err := events.ParsePlayerID(string(state.Host)); state.Host != "" && err != nil {
				t.Fatalf("%+v makes %q the host", command, state.Host)
			}
			for _, m := range state.Members {
				if _, err := events.ParsePlayerID(string(m.Player)); err != nil {
					t.Fatalf("%+v makes %q a member", command, m.Player)
				}
			}
			for _, player := range state.Banned {
				if _, err := events.ParsePlayerID(string(player)); err != nil {
					t.Fatalf("%+v bans %q", command, player)
				}
			}
			if _, err := events.ParseGameID(string(state.Game)); state.Game != "" && err != nil {
				t.Fatalf("%+v chooses %q", command, state.Game)
			}
		}
	})
}
