package queries

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Game is a game as players see it.
type Game struct {
	ID          events.GameID
	Title       string
	Description string
	Genre       string
	Art         string
	Width       int
	Height      int
	FrameRate   int
	Inputs      []string
	Players     int    // that it has room for at once
	Reason      string // why it can't be played for now; empty: it can
}

// ErrGameUnknown says that the catalog has no such game.
var ErrGameUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-game",
	Message: "There is no such game in the library."}

// Library answers: which games are there? By title.
func (d *DB) Library(ctx context.Context) ([]Game, error) {
	rows, err := d.q.Library(ctx)
	if err != nil {
		return nil, failed("query the library", err, nil)
	}
	games := make([]Game, len(rows))
	for i, row := range rows {
		games[i] = gameOf(row)
	}
	return games, nil
}

// Game answers: what is this game?
func (d *DB) Game(ctx context.Context, id events.GameID) (Game, error) {
	row, err := d.q.Game(ctx, string(id))
	if err != nil {
		return Game{}, failed("query the game", err, ErrGameUnknown)
	}
	return gameOf(db.LibraryRow(row)), nil
}

func gameOf(row db.LibraryRow) Game {
	return Game{
		ID: events.GameID(row.GameID), Title: row.Title, Description: row.Description, Genre: row.Genre, Art: row.Art,
		Width: int(row.Width), Height: int(row.Height), FrameRate: int(row.FrameRate),
		Inputs: row.Inputs, Players: int(row.Players), Reason: row.Reason,
	}
}
