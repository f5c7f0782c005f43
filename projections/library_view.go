package projections

import "github.com/playcast/playcast/events"

// libraryView is the catalog as players see it.
type libraryView struct {
	games *Table[events.GameID, gameRow]
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
	Published   bool           `db:"published"`
	Reason      string         `db:"reason"`
	Position    int64          `db:"position"`
}

func newLibraryView() View {
	return &libraryView{games: NewTable("game", func(r *gameRow) events.GameID { return r.ID })}
}

func (*libraryView) Name() string     { return "library" }
func (*libraryView) Version() int     { return 1 }
func (v *libraryView) Tables() []Rows { return []Rows{v.games} }

func (*libraryView) Wants() []events.Event {
	return []events.Event{events.GamePublished{}, events.GameChanged{}, events.GameWithdrawn{},
		events.GameBecameUnavailable{}, events.GameBecameAvailable{}}
}

func (v *libraryView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.GamePublished:
		v.put(e.Game, n.Position)
	case events.GameChanged:
		v.put(e.Game, n.Position)
	case events.GameWithdrawn:
		return v.games.Change(e.Game, func(r *gameRow) { r.Published, r.Position = false, n.Position })
	case events.GameBecameUnavailable:
		return v.games.Change(e.Game, func(r *gameRow) { r.Reason, r.Position = e.Reason, n.Position })
	case events.GameBecameAvailable:
		return v.games.Change(e.Game, func(r *gameRow) { r.Reason, r.Position = "", n.Position })
	}
	return nil
}

// put keeps a game as it is now. One that is published again starts available,
// one that changed stays as it was.
func (v *libraryView) put(g events.Game, position int64) {
	before, _ := v.games.Get(g.ID)
	row := gameRow{
		ID: g.ID, Title: g.Title, Description: g.Description, Genre: g.Genre, Art: g.Art,
		Width: g.Width, Height: g.Height, FrameRate: g.FrameRate, Inputs: g.Inputs, Players: max(g.Players, 1),
		Published: true, Position: position,
	}
	if before.Published {
		row.Reason = before.Reason
	}
	v.games.Put(row)
}
