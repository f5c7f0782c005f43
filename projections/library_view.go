package projections

import (
	"unicode"

	"github.com/playcast/playcast/events"
)

// libraryView is the catalog as players see and search it.
type libraryView struct {
	games   *Table[events.GameID, gameRow]
	starts  *Table[startKey, startRow]
	ratings *Table[events.GameID, gameRatingRow]
}

var _ View = (*libraryView)(nil)

// gameRow is a game. Reason says why it can't be played; empty: it can.
type gameRow struct {
	ID          events.GameID  `db:"game_id,key"`
	Title       string         `db:"title"`
	Description string         `db:"description"`
	Genre       string         `db:"genre"`
	Art         string         `db:"art"`
	Width       int            `db:"width"`
	Height      int            `db:"height"`
	FrameRate   int            `db:"frame_rate"`
	Inputs      []events.Input `db:"inputs"`
	Players     int            `db:"players"`
	MinimumAge  int            `db:"minimum_age"`
	Published   bool           `db:"published"`
	Reason      string         `db:"reason"`
	Position    int64          `db:"position"`
}

type startKey struct {
	Game  events.GameID
	Place int
}

// startRow is a title from one of its words on, so that who types that word
// finds it.
type startRow struct {
	Game  events.GameID `db:"game_id,key"`
	Place int           `db:"place,key"`
	Start string        `db:"start"`
}

// gameRatingRow is how many have rated a game, and the stars of all together.
type gameRatingRow struct {
	Game    events.GameID `db:"game_id,key"`
	Ratings int64         `db:"ratings"`
	Stars   int64         `db:"stars"`
}

func newLibraryView() View {
	return &libraryView{
		games:   NewTable("game", func(r *gameRow) events.GameID { return r.ID }),
		starts:  NewTable("game_start", func(r *startRow) startKey { return startKey{r.Game, r.Place} }),
		ratings: NewTable("game_rating", func(r *gameRatingRow) events.GameID { return r.Game }),
	}
}

func (*libraryView) Name() string     { return "library" }
func (*libraryView) Version() int     { return 2 }
func (v *libraryView) Tables() []Rows { return []Rows{v.games, v.starts, v.ratings} }

func (*libraryView) Wants() []events.Event {
	return []events.Event{events.GamePublished{}, events.GameChanged{}, events.GameWithdrawn{},
		events.GameBecameUnavailable{}, events.GameBecameAvailable{}, events.AgeLimitChanged{},
		events.GameRated{}, events.GameRatingWithdrawn{}}
}

func (v *libraryView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.GamePublished:
		v.put(e.Game, n.Position)
	case events.GameChanged:
		v.put(e.Game, n.Position)
	case events.GameWithdrawn:
		before, _ := v.games.Get(e.Game)
		v.begin(before, "")
		return v.games.Change(e.Game, func(r *gameRow) { r.Published, r.Position = false, n.Position })
	case events.GameBecameUnavailable:
		return v.games.Change(e.Game, func(r *gameRow) { r.Reason, r.Position = e.Reason, n.Position })
	case events.GameBecameAvailable:
		return v.games.Change(e.Game, func(r *gameRow) { r.Reason, r.Position = "", n.Position })
	case events.AgeLimitChanged:
		return v.games.Change(e.Game, func(r *gameRow) { r.MinimumAge, r.Position = e.Minimum, n.Position })
	case events.GameRated:
		v.rate(n, e.Game, e.Before, e.Stars)
	case events.GameRatingWithdrawn:
		v.rate(n, e.Game, e.Before, 0)
	}
	return nil
}

// put keeps a game as it is now. One that is published again starts available,
// one that changed stays as it was. The age limit outlasts both.
func (v *libraryView) put(g events.Game, position int64) {
	before, _ := v.games.Get(g.ID)
	before.ID = g.ID
	row := gameRow{
		ID: g.ID, Title: g.Title, Description: g.Description, Genre: g.Genre, Art: g.Art,
		Width: g.Width, Height: g.Height, FrameRate: g.FrameRate, Inputs: g.Inputs, Players: max(g.Players, 1),
		MinimumAge: before.MinimumAge, Published: true, Position: position,
	}
	if before.Published {
		row.Reason = before.Reason
	}
	v.games.Put(row)
	v.begin(before, g.Title)
}

// begin has a game be found by a title's words, and not by those of before.
func (v *libraryView) begin(before gameRow, title string) {
	var was []string
	if before.Published {
		was = starts(before.Title)
	}
	is := starts(title)
	for i, start := range is {
		if i >= len(was) || was[i] != start {
			v.starts.Put(startRow{Game: before.ID, Place: i + 1, Start: start})
		}
	}
	for i := len(is); i < len(was); i++ {
		v.starts.Delete(startKey{before.ID, i + 1})
	}
}

// rate counts stars in the place of those before; 0: none.
func (v *libraryView) rate(n *Noted, game events.GameID, before, now int) {
	row, _ := v.ratings.Get(game)
	row.Game = game
	row.Stars += int64(now - before)
	if before > 0 {
		row.Ratings--
	}
	if now > 0 {
		row.Ratings++
	}
	v.ratings.Put(row)
	n.Tell(events.GameStream(game))
}

// Bounds of what is kept of a title to find it by.
const (
	startsOfTitle = 12
	lettersOfRest = 100
)

// starts are what is left of a title from each word on that is not the first.
func starts(title string) []string {
	letters := []rune(title)
	var found []string
	within, first := false, true
	for i, r := range letters {
		begins := !within && (unicode.IsLetter(r) || unicode.IsDigit(r))
		// A mark goes on with its letter.
		within = unicode.IsLetter(r) || unicode.IsDigit(r) || within && unicode.IsMark(r)
		if begins && !first && len(found) < startsOfTitle {
			found = append(found, string(letters[i:min(len(letters), i+lettersOfRest)]))
		}
		first = first && !begins
	}
	return found
}
