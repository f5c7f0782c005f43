package events_test

import "github.com/playcast/playcast/events"

var connection = events.Connection{ID: "c-1", Device: "d-1", Gateway: "gateway-1", Incarnation: "a"}

// presenceSamples has one of every event type of who is there, of gateways, and
// of who is whose friend.
var presenceSamples = []events.Event{
	events.PresenceChanged{Player: "player1", State: events.PresenceIsInGame, Shown: events.PresenceIsOffline, At: at},
	events.DeviceConnected{Player: "player1", Connection: connection, Idle: true, At: at},
	events.DeviceDisconnected{Player: "player1", Connection: connection, Cause: events.DisconnectGatewayGone, At: at},
	events.DeviceGone{Player: "player1", Connection: "c-1", At: at},
	events.DeviceIdled{Player: "player1", Connection: "c-1", At: at},
	events.DeviceUsed{Player: "player1", Connection: "c-1", At: at},
	events.VisibilityChanged{Player: "player1", Invisible: true, At: at},
	events.GameEntered{Player: "player1", Session: sessionID, Game: "freedoom1", At: at},
	events.GameLeft{Player: "player1", Session: sessionID, At: at},
	events.JoinableChanged{Player: "player1", Session: sessionID, Joinable: true, At: at},
	events.PresenceCleared{Player: "player1", At: at},
	events.GatewayRegistered{Gateway: "gateway-1", Incarnation: "a", Address: "10.0.0.7:8188", At: at},
	events.GatewayLost{Gateway: "gateway-1", Incarnation: "a", At: at},
	events.GatewayStopped{Gateway: "gateway-1", Incarnation: "a", At: at},
	events.FriendRequested{By: "player1", To: "player2", Hidden: true, At: at},
	events.FriendRequestWithdrawn{By: "player1", To: "player2", At: at},
	events.FriendRequestDeclined{By: "player1", To: "player2", At: at},
	events.FriendshipFormed{By: "player1", To: "player2", At: at},
	events.FriendshipEnded{By: "player1", To: "player2", At: at},
	events.PlayerBlocked{By: "player1", To: "player2", At: at},
	events.PlayerUnblocked{By: "player1", To: "player2", At: at},
}
