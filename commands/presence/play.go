package presence

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrNotPlaying refuses what is said of a game that the player is not in.
var ErrNotPlaying = &events.Fault{Kind: events.Conflict, Code: "not-playing",
	Message: "You are not in this game. Enter it first."}

// Enter says that a player is in a game. Who is not there at all is left alone:
// their sessions alone don't bring them online.
type Enter struct {
	Player  events.PlayerID
	Session events.SessionID
	Game    events.GameID
}

func (e Enter) Target() events.Stream { return events.PresenceStream(e.Player) }

func (e Enter) Decide(s State, now time.Time) ([]events.Event, error) {
	if _, err := events.ParseGameID(string(e.Game)); err != nil || e.Session == (events.SessionID{}) {
		return nil, ErrMalformed
	}
	if s.Is() == events.PresenceIsOffline || s.game(e.Session) >= 0 {
		return nil, nil
	}
	return s.decided(e.Player, now, events.GameEntered{Player: e.Player, Session: e.Session, Game: e.Game, At: now})
}

// Exit says that a player is in a game no more.
type Exit struct {
	Player  events.PlayerID
	Session events.SessionID
}

func (e Exit) Target() events.Stream { return events.PresenceStream(e.Player) }

func (e Exit) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.game(e.Session) < 0 {
		return nil, nil
	}
	return s.decided(e.Player, now, events.GameLeft{Player: e.Player, Session: e.Session, At: now})
}

// LetJoin says whether others may ask to join what a player plays. Nobody can
// until they say so.
type LetJoin struct {
	Player   events.PlayerID
	Session  events.SessionID
	Joinable bool
}

func (l LetJoin) Target() events.Stream { return events.PresenceStream(l.Player) }

func (l LetJoin) Decide(s State, now time.Time) ([]events.Event, error) {
	i := s.game(l.Session)
	if i < 0 {
		return nil, ErrNotPlaying
	}
	if s.Games[i].Joinable == l.Joinable {
		return nil, nil
	}
	return s.decided(l.Player, now, events.JoinableChanged{Player: l.Player, Session: l.Session, Joinable: l.Joinable, At: now})
}
