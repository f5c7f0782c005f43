package lobby

import (
	"time"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// What Start refuses, and SetReady and Choose in part.
var (
	ErrNoGame = &events.Fault{Kind: events.Conflict, Code: "lobby-no-game",
		Message: "No game is chosen yet. The host chooses one from the library."}
	ErrNotReady = &events.Fault{Kind: events.Conflict, Code: "lobby-not-ready",
		Message: "Not everybody is ready. Wait for them, or play without them."}
)

// Start begins to play, as soon as everybody but the host, who says it, is
// ready. What follows is Starting's.
type Start struct {
	Lobby events.LobbyID
	By    events.PlayerID
	// Unavailable says why the game that is chosen can't be played any more;
	// empty: it can.
	Unavailable string
	Terms       events.SessionTerms // of By's plan; zero: the platform's
}

func (c Start) Target() events.Stream { return events.LobbyStream(c.Lobby) }

func (c Start) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(c.By); err != nil {
		return nil, err
	}
	switch {
	case s.Phase == events.LobbyIsStarted:
		return nil, nil
	case s.Game == "":
		return nil, ErrNoGame
	case c.Unavailable != "":
		return nil, unavailable(s.Title, c.Unavailable)
	}
	if err := session.CheckTerms(c.Terms); err != nil {
		return nil, err
	}
	members := []events.PlayerID{s.Host}
	for _, m := range s.Members {
		if m.Player == s.Host {
			continue
		}
		if !m.Ready {
			return nil, ErrNotReady
		}
		members = append(members, m.Player)
	}
	return []events.Event{events.LobbyStarted{
		Lobby: c.Lobby, Session: events.SessionOfStart(c.Lobby, s.Starts+1), Host: s.Host, Members: members,
		Game: s.Game, Title: s.Title, Terms: c.Terms, At: now,
	}}, nil
}
