package session

import (
	"cmp"
	"time"

	"github.com/playcast/playcast/events"
)

// What Request refuses.
var (
	ErrTaken = &events.Fault{Kind: events.Conflict, Code: "session-exists",
		Message: "There is a session of this id already."}
	ErrUnavailable = &events.Fault{Kind: events.Conflict, Code: "game-unavailable",
		Message: "This game can't be played here for now."}
)

// Request asks for a session of a game. The caller looks the game up.
type Request struct {
	Session events.SessionID
	Player  events.PlayerID
	Game    events.GameID
	Title   string
	// Unavailable says why the game can't be played; empty: it can.
	Unavailable string
	Terms       events.SessionTerms // of the player's plan; zero: the platform's
}

func (r Request) Target() events.Stream { return events.SessionStream(r.Session) }

func (r Request) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase != events.SessionNone {
		return nil, ErrTaken
	}
	if r.Unavailable != "" {
		return nil, ErrUnavailable.With(r.Title + " can't be played here for now: " + r.Unavailable)
	}
	if err := cmp.Or(events.CheckIDs(r.Player), events.CheckIDs(r.Game)); err != nil {
		return nil, err
	}
	if err := CheckTerms(r.Terms); err != nil {
		return nil, err
	}
	return []events.Event{events.SessionRequested{
		Session: r.Session, Player: r.Player, Game: r.Game, Title: r.Title, Terms: r.Terms, At: now,
	}}, nil
}
