package projections

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

var (
	den   = events.LobbyOf(events.CommandID{1})
	cave  = events.LobbyOf(events.CommandID{2})
	knock = events.HashOfCode("knock")
)

// hex is a code's hash as rows have it.
func hex(t *testing.T, hash events.CodeHash) string {
	t.Helper()
	text, err := hash.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// opened is a public lobby for four of anna's, with bert, who is ready for doom.
func opened() []events.Event {
	return []events.Event{
		events.LobbyOpened{Lobby: den, Host: "anna", Visibility: events.LobbyPublic, Capacity: 4, CodeHash: knock, At: noon},
		events.LobbyJoined{Lobby: den, Player: "bert", At: noon},
		events.LobbyGameChosen{Lobby: den, Game: "doom", Title: "Doom", At: noon},
		events.LobbyReadied{Lobby: den, Player: "bert", Ready: true, At: noon},
	}
}

func TestLobbyThatGathers(t *testing.T) {
	v, _ := folded[*lobbyView](t, newLobbyView, opened()...)
	code := hex(t, knock)
	want := lobbyRow{ID: den, State: events.LobbyIsOpen, Visibility: events.LobbyPublic, Capacity: 4, Members: 2, Host: "anna",
		Game: "doom", Title: "Doom", Round: 2, CodeHash: code, OpenedAt: noon, OpenedPos: 1, Position: 4}
	if diff := cmp.Diff(map[events.LobbyID]lobbyRow{den: want}, rows(v.lobbies)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	members := map[lobbyPlayer]lobbyMemberRow{
		{den, "anna"}: {Lobby: den, Player: "anna", JoinedAt: noon, JoinedPos: 1},
		{den, "bert"}: {Lobby: den, Player: "bert", ReadyIn: 2, JoinedAt: noon, JoinedPos: 2},
	}
	if diff := cmp.Diff(members, rows(v.members)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]lobbyCodeRow{code: {CodeHash: code, Lobby: den}}, rows(v.codes)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNobodyIsReadyAfterPlay(t *testing.T) {
	v, f := folded[*lobbyView](t, newLobbyView, opened()...)
	session := events.SessionOfStart(den, 1)
	f.take("", events.LobbyStarted{Lobby: den, Session: session, Host: "anna", Members: []events.PlayerID{"anna", "bert"}, At: noon})
	if l, _ := v.lobbies.Get(den); l.State != events.LobbyIsStarted || l.Session != session {
		t.Errorf("a lobby that plays is %+v", l)
	}
	f.take("", events.LobbyReopened{Lobby: den, Session: session, Outcome: events.LobbyPlayed, At: noon})
	l, _ := v.lobbies.Get(den)
	bert, _ := v.members.Get(lobbyPlayer{den, "bert"})
	if l.State != events.LobbyIsOpen || !l.Session.IsZero() || bert.ReadyIn == l.Round {
		t.Errorf("after play the lobby is %+v, bert %+v", l, bert)
	}
}

func TestLobbyThatCloses(t *testing.T) {
	said := events.LobbyMessageSent{Lobby: den, Number: 1, Player: "bert", Text: events.Sealed{Player: "bert", Data: []byte("sealed")}, At: noon}
	v, f := folded[*lobbyView](t, newLobbyView, opened()...)
	f.take("", said,
		events.LobbyLeft{Lobby: den, Player: "anna", Reason: events.LeftByChoice, At: noon},
		events.LobbyHandedOver{Lobby: den, From: "anna", To: "bert", At: noon})
	if l, _ := v.lobbies.Get(den); l.Host != "bert" || l.Members != 1 {
		t.Errorf("a lobby that was handed over is %+v", l)
	}
	f.take("", events.LobbyLeft{Lobby: den, Player: "bert", Reason: events.LeftAbsent, At: noon}, events.LobbyClosed{Lobby: den, At: noon})
	want := lobbyRow{ID: den, State: events.LobbyIsClosed, Visibility: events.LobbyPublic, Capacity: 4, Game: "doom", Title: "Doom",
		Round: 2, OpenedAt: noon, OpenedPos: 1, ClosedAt: noon, Position: 9}
	if l, _ := v.lobbies.Get(den); l != want {
		t.Error(cmp.Diff(want, l))
	}
	if len(rows(v.members)) != 0 || len(rows(v.codes)) != 0 || len(rows(v.messages)) != 1 {
		t.Errorf("it has %v, %v, %v", rows(v.members), rows(v.codes), rows(v.messages))
	}
	f.take("", events.PlayerErased{Player: "bert", At: noon})
	if len(rows(v.messages)) != 0 {
		t.Errorf("of who is erased there is %v", rows(v.messages))
	}
}

func TestWhoIsBanned(t *testing.T) {
	v, f := folded[*lobbyView](t, newLobbyView, opened()...)
	f.take("", events.LobbyLeft{Lobby: den, Player: "bert", Reason: events.LeftByBan, At: noon},
		events.LobbyBanned{Lobby: den, Player: "bert", At: noon}, events.LobbyBanned{Lobby: den, Player: "cora", At: noon},
		events.LobbyUnbanned{Lobby: den, Player: "bert", At: noon})
	want := map[lobbyPlayer]lobbyBanRow{{den, "cora"}: {Lobby: den, Player: "cora", BannedAt: noon}}
	if diff := cmp.Diff(want, rows(v.bans)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.take("", events.LobbyJoined{Lobby: den, Player: "bert", At: noon}, events.PlayerErased{Player: "cora", At: noon})
	if l, _ := v.lobbies.Get(den); l.Members != 2 || len(rows(v.bans)) != 0 {
		t.Errorf("the lobby is %+v, kept out are %v", l, rows(v.bans))
	}
}

// TestTwoLobbiesOfOneCode: the code opens the earlier one, and the other one
// neither takes it nor ends it.
func TestTwoLobbiesOfOneCode(t *testing.T) {
	v, f := folded[*lobbyView](t, newLobbyView, opened()...)
	f.take("", events.LobbyOpened{Lobby: cave, Host: "cora", Visibility: events.LobbyByCode, Capacity: 2, CodeHash: knock, At: noon})
	opens := func() events.LobbyID {
		row, _ := v.codes.Get(hex(t, knock))
		return row.Lobby
	}
	if opens() != den {
		t.Errorf("the code opens %v", opens())
	}
	f.take("", events.LobbyLeft{Lobby: cave, Player: "cora", At: noon}, events.LobbyClosed{Lobby: cave, At: noon})
	if opens() != den {
		t.Errorf("after the other's end the code opens %v", opens())
	}
	f.take("", events.LobbyCodeChanged{Lobby: den, At: noon})
	if l, _ := v.lobbies.Get(den); !opens().IsZero() || l.CodeHash != "" {
		t.Errorf("a code that was taken back opens %v", opens())
	}
}
