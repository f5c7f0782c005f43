package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// Withdraw ends an invitation. Remove also sends away who came by it.
type Withdraw struct {
	Session    events.SessionID
	By         events.PlayerID
	Invitation events.InvitationID
	Remove     bool
}

func (w Withdraw) Target() events.Stream { return events.SessionStream(w.Session) }

func (w Withdraw) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(w.By); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(s.People.Invitations, func(i Invitation) bool { return i.ID == w.Invitation }) {
		return nil, ErrInvitation.With("There is no such invitation any more.")
	}
	decided := []events.Event{events.InvitationWithdrawn{Session: w.Session, Invitation: w.Invitation, Remove: w.Remove, At: now}}
	for _, guest := range s.People.Guests {
		if w.Remove && guest.Invitation == w.Invitation {
			decided = append(decided, events.GuestLeft{Session: w.Session, Player: guest.Player, Removed: true, At: now})
		}
	}
	return decided, nil
}
