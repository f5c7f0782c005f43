package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Reopen says that a session the lobby has started is over. Only a policy
// issues it. Of another session than the one that is played, it says nothing.
type Reopen struct {
	Lobby   events.LobbyID
	Session events.SessionID
	Outcome events.LobbyOutcome
}

func (r Reopen) Target() events.Stream { return events.LobbyStream(r.Lobby) }

func (r Reopen) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase == events.LobbyNone {
		return nil, ErrUnknown
	}
	if s.Phase != events.LobbyIsStarted || s.Session != r.Session {
		return nil, nil
	}
	return []events.Event{events.LobbyReopened{Lobby: r.Lobby, Session: r.Session, Outcome: r.Outcome, At: now}}, nil
}
