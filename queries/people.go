package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// People are who shares a session with its player, and how others come to it.
type People struct {
	Guests      []Guest      // by the time they joined
	Invitations []Invitation // that stand, by the time they were given
}

// Guest is a player with a seat in another one's session.
type Guest struct {
	Player   events.PlayerID
	JoinedAt time.Time
	Keyboard bool // and mouse
	Pads     int
}

// Invitation is one that stands. Its code is known to nobody but who has it.
type Invitation struct {
	ID      events.InvitationID
	Kind    events.InvitationKind
	GivenAt time.Time
}

// Guest returns the guest that a player is.
func (p People) Guest(player events.PlayerID) (Guest, bool) {
	for _, g := range p.Guests {
		if g.Player == player {
			return g, true
		}
	}
	return Guest{}, false
}

// People answers: who shares the session?
func (d *DB) People(ctx context.Context, id events.SessionID) (People, error) {
	return whole(ctx, d, func(ctx context.Context, d *DB) (People, error) { return d.people(ctx, id) })
}

func (d *DB) people(ctx context.Context, id events.SessionID) (People, error) {
	var people People
	guests, err := d.q.Guests(ctx, uuid.UUID(id))
	if err != nil {
		return people, failed("query the session's guests", err, nil)
	}
	for _, row := range guests {
		g := row.ReadGuest
		people.Guests = append(people.Guests, Guest{
			Player: events.PlayerID(g.PlayerID), JoinedAt: g.JoinedAt.UTC(), Keyboard: g.Keyboard, Pads: int(g.Pads),
		})
	}
	invitations, err := d.q.Invitations(ctx, uuid.UUID(id))
	if err != nil {
		return people, failed("query the session's invitations", err, nil)
	}
	for _, row := range invitations {
		i := row.ReadInvitation
		people.Invitations = append(people.Invitations, Invitation{
			ID: events.InvitationID(i.InvitationID), Kind: events.InvitationKind(i.Kind), GivenAt: i.GivenAt.UTC(),
		})
	}
	return people, nil
}

// ErrInvitationUnknown says that no invitation that stands has the code.
var ErrInvitationUnknown = &events.Fault{Kind: events.NotFound, Code: "invitation-unknown",
	Message: "This invitation does not work, or not any more. Ask for another one."}

// Invited is what an invitation's code opens.
type Invited struct {
	Invitation events.InvitationID
	Kind       events.InvitationKind
	Session    events.SessionID
	Host       events.PlayerID
	Game       events.GameID
	Title      string
	State      events.SessionState
	Recorded   bool // what is shown is being recorded
}

// Invited answers: what does the code of this hash open?
func (d *DB) Invited(ctx context.Context, hash events.CodeHash) (Invited, error) {
	row, err := d.q.InvitationByCode(ctx, hash[:])
	if err != nil {
		return Invited{}, failed("query the invitation", err, ErrInvitationUnknown)
	}
	i := row.ReadInvitation
	// The index has found it by its bytes; the word is this comparison's, whose
	// time says nothing.
	var kept events.CodeHash
	if copy(kept[:], i.CodeHash) != len(kept) || !kept.Equal(hash) {
		return Invited{}, ErrInvitationUnknown
	}
	return Invited{
		Invitation: events.InvitationID(i.InvitationID), Kind: events.InvitationKind(i.Kind), Session: events.SessionID(i.SessionID),
		Host: events.PlayerID(row.PlayerID), Game: events.GameID(row.GameID), Title: row.Title, State: events.SessionState(row.State),
		Recorded: row.RecordingID != nil,
	}, nil
}

// GuestSessions answers: in which sessions that are not over is the player a
// guest?
func (d *DB) GuestSessions(ctx context.Context, player events.PlayerID) ([]Session, error) {
	rows, err := d.q.GuestSessions(ctx, string(player))
	if err != nil {
		return nil, failed("query the sessions of a guest", err, nil)
	}
	sessions := make([]Session, 0, len(rows))
	for _, id := range rows {
		s, err := d.Session(ctx, events.SessionID(id))
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}
