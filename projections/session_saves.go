package projections

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// savesRow is what is kept of a player's saves of a game, and what the last
// trouble with them was.
type savesRow struct {
	Player         events.PlayerID     `db:"player_id,key"`
	Game           events.GameID       `db:"game_id,key"`
	KeptAt         time.Time           `db:"kept_at,null"`
	KeptSession    events.SessionID    `db:"kept_session,null"`
	Version        string              `db:"version,null"`
	Bytes          int64               `db:"bytes"`
	Files          int                 `db:"files"`
	Skipped        int                 `db:"skipped"`
	TimesKept      int64               `db:"times_kept"`
	TroubledAt     time.Time           `db:"troubled_at,null"`
	TroubleSession events.SessionID    `db:"trouble_session,null"`
	Trouble        events.SavesTrouble `db:"trouble,null"`
	Detail         string              `db:"detail,null"`
	TimesTroubled  int64               `db:"times_troubled"`
	Position       int64               `db:"position"`
}

type savesKey struct {
	Player events.PlayerID
	Game   events.GameID
}

// keepSaves folds what becomes of saves. A player's go with the player.
func (v *sessionView) keepSaves(n *Noted) error {
	switch e := n.Event.(type) {
	case events.SavesKept:
		return v.save(e.Session, n, func(r *savesRow) {
			r.KeptAt, r.KeptSession, r.Version = e.At, e.Session, e.Version
			r.Bytes, r.Files, r.Skipped = e.Bytes, e.Files, e.Skipped
			r.TimesKept++
		})
	case events.SavesTroubled:
		if err := v.change(e.Session, n, func(r *sessionRow) { r.SavesTrouble = e.Trouble }); err != nil {
			return err
		}
		return v.save(e.Session, n, func(r *savesRow) {
			r.TroubledAt, r.TroubleSession, r.Trouble, r.Detail = e.At, e.Session, e.Trouble, e.Detail
			r.TimesTroubled++
		})
	case events.PlayerErased:
		v.saves.DeleteWhere("player_id", e.Player)
	}
	return nil
}

// save changes the saves of a session's player and game.
func (v *sessionView) save(id events.SessionID, n *Noted, with func(*savesRow)) error {
	session, found := v.sessions.Get(id)
	if !found {
		return fmt.Errorf("%w: session %v", errNoRow, id)
	}
	row, found := v.saves.Get(savesKey{session.Player, session.Game})
	if !found {
		row = savesRow{Player: session.Player, Game: session.Game}
	}
	row.Position = n.Position
	with(&row)
	v.saves.Put(row)
	return nil
}
