package lobby

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrUnavailable refuses a game that can't be played.
var ErrUnavailable = &events.Fault{Kind: events.Conflict, Code: "game-unavailable",
	Message: "This game can't be played here for now. Choose another one."}

// Choose says what is to be played. The caller looks the game up. Another game
// makes everybody not ready.
type Choose struct {
	Lobby events.LobbyID
	By    events.PlayerID
	Game  events.GameID
	Title string
	// Unavailable says why the game can't be played; empty: it can.
	Unavailable string
}

func (c Choose) Target() events.Stream { return events.LobbyStream(c.Lobby) }

func (c Choose) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(c.By); err != nil {
		return nil, err
	}
	if c.Game == "" {
		return nil, ErrNoGame
	}
	if _, err := events.ParseGameID(string(c.Game)); err != nil {
		return nil, ErrMalformed.With(fmt.Sprintf("%v.", err))
	}
	switch {
	case s.Game == c.Game && s.Title == c.Title:
		return nil, nil
	case s.Phase == events.LobbyIsStarted:
		return nil, ErrPlaying
	case c.Unavailable != "":
		return nil, unavailable(c.Title, c.Unavailable)
	}
	return []events.Event{events.LobbyGameChosen{Lobby: c.Lobby, Game: c.Game, Title: c.Title, At: now}}, nil
}

func unavailable(title, why string) error {
	return ErrUnavailable.With(title + " can't be played here for now: " + why)
}
