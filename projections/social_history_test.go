package projections_test

import (
	"time"

	"github.com/playcast/playcast/events"
)

// gather has players who know each other meet in a lobby that stays open, over
// two months, and one of them erased.
func (h *history) gather() {
	h.t.Helper()
	for _, player := range []events.PlayerID{"gina", "hugo", "ines"} {
		seal := func(text string) events.Sealed { return events.Sealed{Player: player, Data: []byte(text)} }
		h.put(events.PlayerStream(player),
			events.ProfileChanged{Player: player, Name: seal("name"), Email: seal("mail"), At: h.now},
			events.PreferencesChanged{Player: player, Preferences: events.Preferences{Locale: "de-AT", Volume: new(0)}, At: h.now},
			events.RoleGranted{Player: player, Role: events.RoleSupport, By: "system:test", At: h.now},
			events.ConsentGiven{Player: player, Consent: events.ConsentTerms, Version: "1", At: h.now},
			events.ConsentGiven{Player: player, Consent: events.ConsentAnalytics, Version: "1", At: h.now},
			events.ConsentWithdrawn{Player: player, Consent: events.ConsentAnalytics, At: h.now})
	}
	h.know()
	den := events.LobbyOf(events.NewCommandID())
	say := func(number int, player events.PlayerID) events.Event {
		return events.LobbyMessageSent{Lobby: den, Number: number, Player: player, Text: events.Sealed{Player: player, Data: []byte("sealed")}, At: h.now}
	}
	h.put(events.LobbyStream(den),
		events.LobbyOpened{Lobby: den, Host: "gina", Visibility: events.LobbyPublic, Capacity: 3, CodeHash: events.HashOfCode("knock"), At: h.now},
		events.LobbyJoined{Lobby: den, Player: "hugo", At: h.now},
		events.LobbyReadied{Lobby: den, Player: "hugo", Ready: true, At: h.now},
		events.LobbyBanned{Lobby: den, Player: "jens", At: h.now}, events.LobbyBanned{Lobby: den, Player: "ines", At: h.now},
		say(1, "gina"), say(2, "ines"))
	before := h.now
	h.wait(40 * 24 * time.Hour)
	h.put(events.LobbyStream(den), say(3, "hugo"),
		events.LobbyHandedOver{Lobby: den, From: "gina", To: "hugo", At: h.now},
		events.LobbyCodeChanged{Lobby: den, CodeHash: events.HashOfCode("ring"), At: h.now})
	h.put(events.PlayerStream("ines"), events.PlayerErased{Player: "ines", Receipt: events.ErasureReceipt{KeyDestroyed: h.now, By: "player:ines"}, At: h.now})
	h.now = before
}

// know has them ask, befriend and block each other, and play.
func (h *history) know() {
	h.t.Helper()
	between := func(a, b events.PlayerID) events.Stream { return events.FriendshipStream(events.FriendshipOf(a, b)) }
	h.put(between("gina", "hugo"), events.FriendRequested{By: "gina", To: "hugo", At: h.now}, events.FriendshipFormed{By: "hugo", To: "gina", At: h.now})
	h.put(between("gina", "ines"), events.FriendRequested{By: "ines", To: "gina", At: h.now})
	h.put(between("hugo", "ines"), events.PlayerBlocked{By: "hugo", To: "ines", At: h.now}, events.FriendRequested{By: "ines", To: "hugo", Hidden: true, At: h.now})
	session := events.NewSessionID()
	h.put(events.PresenceStream("gina"),
		events.VisibilityChanged{Player: "gina", Invisible: true, At: h.now},
		events.GameEntered{Player: "gina", Session: session, Game: "doom", At: h.now},
		events.PresenceChanged{Player: "gina", State: events.PresenceIsInGame, Shown: events.PresenceIsOffline, At: h.now},
		events.JoinableChanged{Player: "gina", Session: session, Joinable: true, At: h.now})
}
