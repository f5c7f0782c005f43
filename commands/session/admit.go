package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// Admit gives a seat to a player who comes to play with the host by another way
// than an invitation: as a member of the lobby that started the session. Only a
// policy issues it. As one who joins, they begin with a gamepad, where the host
// keeps one.
type Admit struct {
	Session events.SessionID
	Player  events.PlayerID
}

func (a Admit) Target() events.Stream { return events.SessionStream(a.Session) }

func (a Admit) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(s.Player); err != nil {
		return nil, err
	}
	if err := s.held(); err != nil {
		return nil, err
	}
	if _, joined := s.People.Guest(a.Player); joined || a.Player == s.Player {
		return nil, nil
	}
	if slices.ContainsFunc(s.People.Removals, func(r Removal) bool { return r.Player == a.Player }) {
		return nil, ErrRemoved
	}
	if err := s.People.take(a.Player); err != nil {
		return nil, err
	}
	decided := []events.Event{events.GuestJoined{Session: a.Session, Player: a.Player, At: now}}
	if s.People.pads() < events.MaxPads-1 {
		decided = append(decided, events.ControlGiven{Session: a.Session, Player: a.Player, Pads: 1, At: now})
	}
	return decided, nil
}
