package events

import "time"

// GameRated: a player gave a game stars, instead of those that they had given.
type GameRated struct {
	Game   GameID    `json:"game"`
	Player PlayerID  `json:"player"`
	Stars  int       `json:"stars"` // 1 to 5
	Before int       `json:"before,omitempty"`
	At     time.Time `json:"at"`
}

// GameRatingWithdrawn: a player took their stars back.
type GameRatingWithdrawn struct {
	Game   GameID    `json:"game"`
	Player PlayerID  `json:"player"`
	Before int       `json:"before"`
	At     time.Time `json:"at"`
}

// AgeLimitChanged: who is younger may not play the game.
type AgeLimitChanged struct {
	Game    GameID    `json:"game"`
	Minimum int       `json:"minimum"` // years; 0: anybody may
	By      Actor     `json:"by"`
	At      time.Time `json:"at"`
}

// RatingStream is where what a player thinks of a game is kept. No id has '_'.
func RatingStream(game GameID, player PlayerID) Stream {
	return Stream("rating-" + string(game) + "_" + string(player))
}

func (GameRated) EventType() string           { return "GameRated" }
func (GameRatingWithdrawn) EventType() string { return "GameRatingWithdrawn" }
func (AgeLimitChanged) EventType() string     { return "AgeLimitChanged" }

func (GameRated) event()           {}
func (GameRatingWithdrawn) event() {}
func (AgeLimitChanged) event()     {}
