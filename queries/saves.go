package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Saves are what is kept of a player's saves of a game.
type Saves struct {
	Player   events.PlayerID
	Game     events.GameID
	Kept     *KeptSaves    // the last; nil: nothing is kept yet
	Trouble  *SavesTrouble // the last, which may be over; nil: there was none
	Position events.Position
}

// KeptSaves is a version of saves that is stored.
type KeptSaves struct {
	At      time.Time
	Session events.SessionID // that left it
	Version string
	Bytes   int64
	Files   int
	Skipped int   // that are no files, or could not be read
	Times   int64 // that a version was stored
}

// SavesTrouble is trouble with saves.
type SavesTrouble struct {
	At      time.Time
	Session events.SessionID
	Kind    events.SavesTrouble
	Detail  string // for the operator
	Times   int64  // that there was any
}

// SavesPage is some of the saves of a list.
type SavesPage struct {
	Saves []Saves
	Next  string // the next page's cursor; empty: this was the last
}

// ErrSavesUnknown says that no saves of the game were kept for the player, and
// that there was no trouble with any.
var ErrSavesUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-saves",
	Message: "Nothing is kept of the player's saves of this game."}

// SavesOf answers: what is kept of the player's saves of the game?
func (d *DB) SavesOf(ctx context.Context, player events.PlayerID, game events.GameID) (Saves, error) {
	row, err := d.q.SavesOf(ctx, db.SavesOfParams{PlayerID: string(player), GameID: string(game)})
	if err != nil {
		return Saves{}, failed("query the saves of a game", err, ErrSavesUnknown)
	}
	return savesOf(row.ReadSaveSet), nil
}

// SavesOfPlayer answers: of which games are saves of the player kept, by the
// game's id? cursor is the Next of the page before, empty for the first; size is
// 1 to 100.
func (d *DB) SavesOfPlayer(ctx context.Context, player events.PlayerID, cursor string, size int) (SavesPage, error) {
	of, after := listOf("saves-of-player", player), byText{}
	if err := of.after(cursor, &after); err != nil {
		return SavesPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.SavesOfPlayer(ctx, db.SavesOfPlayerParams{PlayerID: string(player), After: after.id, PageSize: int32(size + 1)})
	if err != nil {
		return SavesPage{}, failed("query the saves of a player", err, nil)
	}
	var page SavesPage
	page.Saves, page.Next = pageOf(of, rows, size, func(r db.SavesOfPlayerRow) (Saves, key) {
		return savesOf(r.ReadSaveSet), &byText{id: r.ReadSaveSet.GameID}
	})
	return page, nil
}

// byTrouble is the order of saves that troubled.
type byTrouble struct {
	at           time.Time
	player, game string
}

func (k *byTrouble) code(c *coder) { c.time(&k.at); c.text(&k.player); c.text(&k.game) }

// TroubledSaves answers: with which saves was there trouble, the latest first?
// cursor is the Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) TroubledSaves(ctx context.Context, cursor string, size int) (SavesPage, error) {
	of, before := listOf("troubled-saves"), byTrouble{at: endOfTime}
	if err := of.after(cursor, &before); err != nil {
		return SavesPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.TroubledSaves(ctx, db.TroubledSavesParams{
		BeforeAt: before.at, BeforePlayer: before.player, BeforeGame: before.game, PageSize: int32(size + 1),
	})
	if err != nil {
		return SavesPage{}, failed("query the saves that troubled", err, nil)
	}
	var page SavesPage
	page.Saves, page.Next = pageOf(of, rows, size, func(r db.TroubledSavesRow) (Saves, key) {
		return savesOf(r.ReadSaveSet), &byTrouble{*r.ReadSaveSet.TroubledAt, r.ReadSaveSet.PlayerID, r.ReadSaveSet.GameID}
	})
	return page, nil
}

func savesOf(r db.ReadSaveSet) Saves {
	s := Saves{Player: events.PlayerID(r.PlayerID), Game: events.GameID(r.GameID), Position: events.Position(r.Position)}
	if r.KeptAt != nil {
		s.Kept = &KeptSaves{
			At: r.KeptAt.UTC(), Session: events.SessionID(value[uuid.UUID](r.KeptSession)), Version: value(r.Version),
			Bytes: r.Bytes, Files: int(r.Files), Skipped: int(r.Skipped), Times: r.TimesKept,
		}
	}
	if r.TroubledAt != nil {
		s.Trouble = &SavesTrouble{
			At: r.TroubledAt.UTC(), Session: events.SessionID(value[uuid.UUID](r.TroubleSession)),
			Kind: events.SavesTrouble(value(r.Trouble)), Detail: value(r.Detail), Times: r.TimesTroubled,
		}
	}
	return s
}
