package events_test

import (
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

var lobbyID = events.LobbyID(uuid.MustParse("01970000-0000-7000-8000-00000000000b"))

// lobbySamples has one of every event of a lobby, with every field filled.
var lobbySamples = []events.Event{
	events.LobbyOpened{Lobby: lobbyID, Host: "player1", Visibility: events.LobbyFriends, Capacity: 4, CodeHash: events.HashOfCode("code"), At: at},
	events.LobbyCodeChanged{Lobby: lobbyID, CodeHash: events.HashOfCode("another"), At: at},
	events.LobbyJoined{Lobby: lobbyID, Player: "player2", At: at},
	events.LobbyLeft{Lobby: lobbyID, Player: "player2", Reason: events.LeftByKick, At: at},
	events.LobbyBanned{Lobby: lobbyID, Player: "player2", At: at},
	events.LobbyUnbanned{Lobby: lobbyID, Player: "player2", At: at},
	events.LobbyHandedOver{Lobby: lobbyID, From: "player1", To: "player2", At: at},
	events.LobbyReadied{Lobby: lobbyID, Player: "player2", Ready: true, At: at},
	events.LobbyGameChosen{Lobby: lobbyID, Game: "freedoom1", Title: "Freedoom: Phase 1", At: at},
	events.LobbyStarted{Lobby: lobbyID, Session: sessionID, Host: "player1", Members: []events.PlayerID{"player1", "player2"},
		Game: "freedoom1", Title: "Freedoom: Phase 1", Terms: events.SessionTerms{Priority: 2, Longest: 7200, Allowance: 3600,
			Needs: events.Needs{Region: "eu", Encoder: "x264", GPU: true}}, At: at},
	events.LobbyReopened{Lobby: lobbyID, Session: sessionID, Outcome: events.LobbyPlayed, At: at},
	events.LobbyMessageSent{Lobby: lobbyID, Number: 7, Player: "player2", Text: events.Sealed{Player: "player2", Data: []byte("sealed")}, At: at},
	events.LobbyClosed{Lobby: lobbyID, At: at},
}
