package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// invitationRow is an invitation that stands.
type invitationRow struct {
	ID       events.InvitationID   `db:"invitation_id,key"`
	Session  events.SessionID      `db:"session_id"`
	Kind     events.InvitationKind `db:"kind"`
	CodeHash []byte                `db:"code_hash"`
	GivenAt  time.Time             `db:"given_at"`
}

// guestRow is a player with a seat in another one's session.
type guestRow struct {
	Session    events.SessionID    `db:"session_id,key"`
	Player     events.PlayerID     `db:"player_id,key"`
	Invitation events.InvitationID `db:"invitation_id"`
	JoinedAt   time.Time           `db:"joined_at"`
	Keyboard   bool                `db:"keyboard"`
	Pads       int                 `db:"pads"`
}

type guestKey struct {
	Session events.SessionID
	Player  events.PlayerID
}

// people folds who shares a session. It is part of the view of sessions, so
// that a session and its people are always of one position.
func (v *sessionView) people(n *Noted) error {
	switch e := n.Event.(type) {
	case events.InvitationGiven:
		v.invitations.Add(invitationRow{ID: e.Invitation, Session: e.Session, Kind: e.Kind, CodeHash: e.CodeHash[:], GivenAt: e.At})
		return v.touch(e.Session, n)
	case events.InvitationWithdrawn:
		v.invitations.Delete(e.Invitation)
		return v.touch(e.Session, n)
	case events.GuestJoined:
		v.guests.Add(guestRow{Session: e.Session, Player: e.Player, Invitation: e.Invitation, JoinedAt: e.At})
		return v.touch(e.Session, n)
	case events.GuestLeft:
		v.guests.Delete(guestKey{e.Session, e.Player})
		return v.touch(e.Session, n)
	case events.ControlGiven:
		return v.control(guestKey{e.Session, e.Player}, e.Keyboard, e.Pads, n)
	case events.ControlTaken:
		return v.control(guestKey{e.Session, e.Player}, e.Keyboard, e.Pads, n)
	}
	return nil
}

// control keeps all that a guest may use now.
func (v *sessionView) control(of guestKey, keyboard bool, pads int, n *Noted) error {
	if err := v.guests.Change(of, func(r *guestRow) { r.Keyboard, r.Pads = keyboard, pads }); err != nil {
		return err
	}
	return v.touch(of.Session, n)
}

// touch has a session's page look again.
func (v *sessionView) touch(id events.SessionID, n *Noted) error {
	return v.change(id, n, func(*sessionRow) {})
}
