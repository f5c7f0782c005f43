package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Join takes a seat as a guest, by the code of an invitation to play. A guest
// begins with a gamepad, where the host keeps one, and without the keyboard.
type Join struct {
	Session  events.SessionID
	Player   events.PlayerID
	CodeHash events.CodeHash
}

func (j Join) Target() events.Stream { return events.SessionStream(j.Session) }

func (j Join) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(s.Player); err != nil {
		return nil, err
	}
	by, ok := s.People.Opened(j.CodeHash)
	if !ok || by.Kind != events.InvitationToPlay {
		return nil, ErrInvitation
	}
	if j.Player == s.Player {
		return nil, ErrNoHostGuest
	}
	if _, joined := s.People.Guest(j.Player); joined {
		return nil, nil
	}
	if s.People.barred(j.Player, by) {
		return nil, ErrRemoved
	}
	if err := s.People.take(j.Player); err != nil {
		return nil, err
	}
	decided := []events.Event{events.GuestJoined{Session: j.Session, Player: j.Player, Invitation: by.ID, At: now}}
	if s.People.pads() < events.MaxPads-1 {
		decided = append(decided, events.ControlGiven{Session: j.Session, Player: j.Player, Pads: 1, At: now})
	}
	return decided, nil
}
