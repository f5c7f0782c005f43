package projections

import (
	"context"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// accountView is players' accounts and every segment of play on them.
type accountView struct{}

var _ View = accountView{}

func (accountView) Name() string { return "account" }

func (accountView) Apply(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	switch e := n.Event.(type) {
	case events.AccountOpened:
		rows, err := q.OpenAccount(ctx, db.OpenAccountParams{PlayerID: string(e.Player), OpenedAt: e.At, Position: n.Position})
		return []events.Stream{events.AccountStream(e.Player)}, one(rows, err)
	case events.PlaytimeMetered:
		rows, err := q.TouchAccount(ctx, db.TouchAccountParams{PlayerID: string(e.Player), Position: n.Position})
		if err := one(rows, err); err != nil {
			return nil, err
		}
		rows, err = q.MeterPlaytime(ctx, db.MeterPlaytimeParams{
			SessionID: uuid.UUID(e.Session), Segment: int32(e.Segment.Number), PlayerID: string(e.Player), GameID: string(e.Game),
			BeganAt: e.Segment.From, EndedAt: e.Segment.To, PlayedMs: e.Segment.Duration().Milliseconds(),
		})
		// A session's view shows what of it is billed.
		return []events.Stream{events.AccountStream(e.Player), events.SessionStream(e.Session)}, one(rows, err)
	}
	return nil, nil
}
