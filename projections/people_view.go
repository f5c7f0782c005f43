package projections

import (
	"context"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// people keeps who shares a session. It is part of the view of sessions, so
// that a session and its people are always of one position.
func (v sessionView) people(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	touched := func(id events.SessionID, rows int64, err error) ([]events.Stream, error) {
		if err := one(rows, err); err != nil {
			return nil, err
		}
		return v.changed(id)(q.TouchSession(ctx, db.TouchSessionParams{SessionID: uuid.UUID(id), Position: n.Position}))
	}
	switch e := n.Event.(type) {
	case events.InvitationGiven:
		rows, err := q.GiveInvitation(ctx, db.GiveInvitationParams{
			InvitationID: uuid.UUID(e.Invitation), SessionID: uuid.UUID(e.Session), Kind: string(e.Kind), CodeHash: e.CodeHash[:], GivenAt: e.At,
		})
		return touched(e.Session, rows, err)
	case events.InvitationWithdrawn:
		rows, err := q.WithdrawInvitation(ctx, uuid.UUID(e.Invitation))
		return touched(e.Session, rows, err)
	case events.GuestJoined:
		rows, err := q.JoinGuest(ctx, db.JoinGuestParams{
			SessionID: uuid.UUID(e.Session), PlayerID: string(e.Player), InvitationID: uuid.UUID(e.Invitation), JoinedAt: e.At,
		})
		return touched(e.Session, rows, err)
	case events.GuestLeft:
		rows, err := q.LeaveGuest(ctx, db.LeaveGuestParams{SessionID: uuid.UUID(e.Session), PlayerID: string(e.Player)})
		return touched(e.Session, rows, err)
	case events.ControlGiven:
		rows, err := q.ControlGuest(ctx, controlRow(e.Session, e.Player, e.Keyboard, e.Pads))
		return touched(e.Session, rows, err)
	case events.ControlTaken:
		rows, err := q.ControlGuest(ctx, controlRow(e.Session, e.Player, e.Keyboard, e.Pads))
		return touched(e.Session, rows, err)
	}
	return nil, nil
}

func controlRow(id events.SessionID, player events.PlayerID, keyboard bool, pads int) db.ControlGuestParams {
	return db.ControlGuestParams{SessionID: uuid.UUID(id), PlayerID: string(player), Keyboard: keyboard, Pads: int32(pads)}
}
