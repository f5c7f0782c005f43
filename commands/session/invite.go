package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// Invite lets who has a code watch the session, or join it. The caller makes
// the code, of 128 random bits, and tells its hash.
type Invite struct {
	Session    events.SessionID
	By         events.PlayerID
	Invitation events.InvitationID
	Kind       events.InvitationKind
	CodeHash   events.CodeHash
}

func (i Invite) Target() events.Stream { return events.SessionStream(i.Session) }

func (i Invite) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(i.By); err != nil {
		return nil, err
	}
	if err := s.held(); err != nil {
		return nil, err
	}
	if i.Kind != events.InvitationToWatch && i.Kind != events.InvitationToPlay {
		return nil, ErrKind
	}
	if i.CodeHash == (events.CodeHash{}) {
		return nil, ErrNoCode
	}
	if slices.ContainsFunc(s.People.Invitations, func(stands Invitation) bool { return stands.ID == i.Invitation }) {
		return nil, nil
	}
	if len(s.People.Invitations) >= MaxInvitations {
		return nil, ErrTooManyInvitations
	}
	return []events.Event{events.InvitationGiven{
		Session: i.Session, Invitation: i.Invitation, Kind: i.Kind, CodeHash: i.CodeHash, At: now,
	}}, nil
}
