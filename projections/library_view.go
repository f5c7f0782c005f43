package projections

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// libraryView is the catalog as players see it.
type libraryView struct{}

var _ View = libraryView{}

func (libraryView) Name() string { return "library" }

func (v libraryView) Apply(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	switch e := n.Event.(type) {
	case events.GamePublished:
		return v.put(ctx, q, e.Game, n.Position)
	case events.GameChanged:
		return v.put(ctx, q, e.Game, n.Position)
	case events.GameWithdrawn:
		return v.changed(e.Game)(q.WithdrawGame(ctx, db.WithdrawGameParams{GameID: string(e.Game), Position: n.Position}))
	case events.GameBecameUnavailable:
		return v.changed(e.Game)(q.SetGameReason(ctx, db.SetGameReasonParams{GameID: string(e.Game), Reason: e.Reason, Position: n.Position}))
	case events.GameBecameAvailable:
		return v.changed(e.Game)(q.SetGameReason(ctx, db.SetGameReasonParams{GameID: string(e.Game), Position: n.Position}))
	}
	return nil, nil
}

func (v libraryView) put(ctx context.Context, q *db.Queries, g events.Game, position int64) ([]events.Stream, error) {
	inputs := make([]string, len(g.Inputs))
	for i, input := range g.Inputs {
		inputs[i] = string(input)
	}
	return v.changed(g.ID)(q.PutGame(ctx, db.PutGameParams{
		GameID: string(g.ID), Title: g.Title, Description: g.Description, Genre: g.Genre, Art: g.Art,
		Width: int32(g.Width), Height: int32(g.Height), FrameRate: int32(g.FrameRate), Inputs: inputs,
		Players: int32(max(g.Players, 1)), Position: position,
	}))
}

func (libraryView) changed(id events.GameID) func(int64, error) ([]events.Stream, error) {
	return func(rows int64, err error) ([]events.Stream, error) {
		return []events.Stream{events.GameStream(id)}, one(rows, err)
	}
}
