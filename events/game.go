package events

import "time"

// Game is what the catalog says of a game.
type Game struct {
	ID          GameID            `json:"id"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Genre       string            `json:"genre"`
	Art         string            `json:"art"`     // path of a picture that the web client serves
	Command     []string          `json:"command"` // program and arguments
	Environment map[string]string `json:"environment,omitempty"`
	Width       int               `json:"width"`  // pixels, even
	Height      int               `json:"height"` // pixels, even
	FrameRate   int               `json:"frameRate"`
	Inputs      []Input           `json:"inputs"`
	Players     int               `json:"players,omitempty"` // that it has room for at once, 1 to 4; 0, of older entries: one
}

// Input is a kind of input device that a game takes.
type Input string

// The kinds of input.
const (
	Keyboard      Input = "keyboard"
	MouseAbsolute Input = "mouse-absolute" // a pointer that is seen
	MouseRelative Input = "mouse-relative" // motion only: the page locks the pointer
	Gamepad       Input = "gamepad"        // games that don't name it get one too
)

// GamePublished: the game is in the catalog, and can be played.
type GamePublished struct {
	Game Game      `json:"game"`
	At   time.Time `json:"at"`
}

// GameChanged: the catalog says something else of the game now.
type GameChanged struct {
	Game Game      `json:"game"`
	At   time.Time `json:"at"`
}

// GameWithdrawn: the game is no longer in the catalog.
type GameWithdrawn struct {
	Game GameID    `json:"game"`
	At   time.Time `json:"at"`
}

// GameBecameUnavailable: the game can't be played for now.
type GameBecameUnavailable struct {
	Game   GameID    `json:"game"`
	Reason string    `json:"reason"` // for people
	At     time.Time `json:"at"`
}

// GameBecameAvailable: the game can be played again.
type GameBecameAvailable struct {
	Game GameID    `json:"game"`
	At   time.Time `json:"at"`
}

func (GamePublished) EventType() string         { return "GamePublished" }
func (GameChanged) EventType() string           { return "GameChanged" }
func (GameWithdrawn) EventType() string         { return "GameWithdrawn" }
func (GameBecameUnavailable) EventType() string { return "GameBecameUnavailable" }
func (GameBecameAvailable) EventType() string   { return "GameBecameAvailable" }

func (GamePublished) event()         {}
func (GameChanged) event()           {}
func (GameWithdrawn) event()         {}
func (GameBecameUnavailable) event() {}
func (GameBecameAvailable) event()   {}
