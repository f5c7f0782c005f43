package events

import "time"

// AccountOpened: a player's time is kept from now on.
type AccountOpened struct {
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// PlaytimeMetered: a segment of active play is on the account. Session and
// segment number together are its key: a segment is metered once.
type PlaytimeMetered struct {
	Player  PlayerID  `json:"player"`
	Session SessionID `json:"session"`
	Game    GameID    `json:"game"`
	Segment Segment   `json:"segment"`
	At      time.Time `json:"at"`
}

func (AccountOpened) EventType() string   { return "AccountOpened" }
func (PlaytimeMetered) EventType() string { return "PlaytimeMetered" }

func (AccountOpened) event()   {}
func (PlaytimeMetered) event() {}
