package queries

import (
	"context"
	"slices"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Game is a game as players see it.
type Game struct {
	GameEntry
	GameForm
	MinimumAge int     // of who may play it, in years; 0: anybody may
	Reason     string  // why it can't be played for now; empty: it can
	Ratings    int     // players who rate it
	Stars      float64 // that they give, in the mean, 1 to 5; 0: nobody rates it
}

// GameEntry is what the catalog says of a game.
type GameEntry struct {
	ID          events.GameID
	Title       string
	Description string
	Genre       string
	Art         string
}

// GameForm is how a game is shown and played.
type GameForm struct {
	Width     int
	Height    int
	FrameRate int
	Inputs    []string
	Players   int // that it has room for at once
}

// ErrGameUnknown says that the catalog has no such game.
var ErrGameUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-game",
	Message: "There is no such game in the library."}

// GameFilter chooses games. The zero value is all of them.
type GameFilter struct {
	Genre     string // as the game says it; empty: any
	Players   int    // that it has room for, at least
	Input     string // that it takes; empty: any
	Available bool   // only those that can be played now
	Age       int    // of who is to play it, in years; 0: any
}

// atAge is the highest age limit of games that the filter lets pass.
func (f GameFilter) atAge() int32 {
	if f.Age == 0 {
		return 99
	}
	return int32(max(0, min(f.Age, 99)))
}

func (f GameFilter) room() int32 { return int32(max(0, min(f.Players, 99))) }

// GamePage is some of the games.
type GamePage struct {
	Games []Game
	Next  string // the next page's cursor; empty: this was the last
	// Alike says that no game has the words that were searched for: these have
	// titles that are like them.
	Alike bool
}

// Library answers: which games are there? By title, without case and accents.
// cursor is the Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) Library(ctx context.Context, filter GameFilter, cursor string, size int) (GamePage, error) {
	if err := searchable(filter.Genre, filter.Input); err != nil {
		return GamePage{}, err
	}
	of, after := listOf("library", filter), byText{}
	if err := of.after(cursor, &after); err != nil {
		return GamePage{}, err
	}
	size = pageSize(size)
	rows, err := d.planned().Library(ctx, db.LibraryParams{
		Genre: filter.Genre, Players: filter.room(), Input: filter.Input, Available: filter.Available, Age: filter.atAge(),
		AfterPlain: after.text, AfterID: after.id, PageSize: int32(size + 1),
	})
	if err != nil {
		return GamePage{}, failed("query the library", err, nil)
	}
	ids, next := pageOf(of, rows, size, func(r db.LibraryRow) (string, key) { return r.GameID, &byText{r.Plain, r.GameID} })
	games, err := d.games(ctx, ids)
	return GamePage{Games: games, Next: next}, err
}

// many is how many games WholeLibrary asks for at once.
const many = 1000

// WholeLibrary answers: which games are there, all of them?
func (d *DB) WholeLibrary(ctx context.Context) ([]Game, error) {
	var all []Game
	for after := (byText{}); ; {
		rows, err := d.q.WholeLibrary(ctx, db.WholeLibraryParams{AfterPlain: after.text, AfterID: after.id, PageSize: many})
		if err != nil {
			return nil, failed("query the whole library", err, nil)
		}
		all = slices.Grow(all, len(rows))
		for _, r := range rows {
			all = append(all, gameOf(db.GamesRow{GameID: r.GameID, Title: r.Title, Description: r.Description, Genre: r.Genre, Art: r.Art,
				Width: r.Width, Height: r.Height, FrameRate: r.FrameRate, Inputs: r.Inputs, Players: r.Players,
				MinimumAge: r.MinimumAge, Reason: r.Reason, Ratings: r.Ratings, Stars: r.Stars}))
		}
		if len(rows) < many {
			return all, nil
		}
		after = byText{rows[many-1].Plain, rows[many-1].GameID}
	}
}

// Game answers: what is this game?
func (d *DB) Game(ctx context.Context, id events.GameID) (Game, error) {
	games, err := d.games(ctx, []string{string(id)})
	if err == nil && len(games) == 0 {
		err = ErrGameUnknown
	}
	if err != nil {
		return Game{}, err
	}
	return games[0], nil
}

// games returns games in the order of their ids, without those that have just
// gone.
func (d *DB) games(ctx context.Context, ids []string) ([]Game, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := d.q.Games(ctx, ids)
	if err != nil {
		return nil, failed("query the games", err, nil)
	}
	found := make(map[string]db.GamesRow, len(rows))
	for _, row := range rows {
		found[row.GameID] = row
	}
	games := make([]Game, 0, len(rows))
	for _, id := range ids {
		if row, there := found[id]; there {
			games = append(games, gameOf(row))
		}
	}
	return games, nil
}

func gameOf(row db.GamesRow) Game {
	game := Game{
		GameEntry:  GameEntry{ID: events.GameID(row.GameID), Title: row.Title, Description: row.Description, Genre: row.Genre, Art: row.Art},
		GameForm:   GameForm{Width: int(row.Width), Height: int(row.Height), FrameRate: int(row.FrameRate), Inputs: row.Inputs, Players: int(row.Players)},
		MinimumAge: int(row.MinimumAge), Reason: row.Reason, Ratings: int(row.Ratings),
	}
	if row.Ratings > 0 {
		game.Stars = float64(row.Stars) / float64(row.Ratings)
	}
	return game
}
