package events_test

import "github.com/playcast/playcast/events"

var (
	sealed = events.Sealed{Player: "player1", Data: []byte("nonce, ciphertext and tag of a few bytes")}
	volume = 80
)

// playerSamples has one of every event type of players, and of what they think
// of games.
var playerSamples = []events.Event{
	events.ProfileChanged{Player: "player1", Name: sealed, Email: sealed, At: at},
	events.PreferencesChanged{Player: "player1", Preferences: events.Preferences{Locale: "de-AT", Layout: "de", TimeZone: "Europe/Vienna",
		Theme: events.ThemeDark, Volume: &volume, ReduceMotion: true, Captions: true, Invisible: true}, At: at},
	events.RoleGranted{Player: "player1", Role: events.RoleSupport, By: "player:player2", At: at},
	events.RoleRevoked{Player: "player1", Role: events.RoleSupport, By: "player:player2", At: at},
	events.ConsentGiven{Player: "player1", Consent: events.ConsentTerms, Version: "2026-01", At: at},
	events.ConsentWithdrawn{Player: "player1", Consent: events.ConsentAnalytics, At: at},
	events.GuardianPINTried{Player: "player1", Number: 2, At: at},
	events.GuardianPINProved{Player: "player1", Number: 2, At: at},
	events.GuardianSet{Player: "player1", Number: 2, PIN: sealed, At: at},
	events.AgeDeclared{Player: "player1", Age: events.Age{Class: events.AgeTwelve, Next: "2029-05"}, At: at},
	events.ParentalLimitsSet{Player: "player1", Limits: events.ParentalLimits{TimeZone: "Europe/Vienna", Day: 90, Week: 420,
		Windows: []events.PlayWindow{{Day: "saturday", From: 600, To: 1200}}}, At: at},
	events.ParentalLimitsLifted{Player: "player1", At: at},
	events.PlayerErased{Player: "player1", Receipt: events.ErasureReceipt{KeyDestroyed: at, By: "system:operator", Events: 3, Streams: 2,
		Largest: []events.SealedStream{{Stream: "player-player1", Events: 2}, {Stream: "presence-player2", Events: 1}}}, At: at},
	events.GameRated{Game: "freedoom1", Player: "player1", Stars: 4, Before: 2, At: at},
	events.GameRatingWithdrawn{Game: "freedoom1", Player: "player1", Before: 4, At: at},
	events.AgeLimitChanged{Game: "freedoom1", Minimum: 16, By: "system:operator", At: at},
}
