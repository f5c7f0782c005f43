package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// presenceView is who is there and plays what. It is told by what players are
// as a whole: of their devices it sees nothing, and a row changes only with what
// it shows.
type presenceView struct {
	players *Table[events.PlayerID, presenceRow]
	playing *Table[playerSession, playingRow]
}

var _ View = (*presenceView)(nil)

type presenceRow struct {
	Player    events.PlayerID      `db:"player_id,key"`
	State     events.PresenceState `db:"state"`
	Invisible bool                 `db:"invisible"`
	Position  int64                `db:"position"`
	Shown     events.PresenceState `db:"shown"`
	ShownAt   time.Time            `db:"shown_at,null"`
	ShownPos  int64                `db:"shown_pos"`
}

type playerSession struct {
	Player  events.PlayerID
	Session events.SessionID
}

type playingRow struct {
	Player     events.PlayerID  `db:"player_id,key"`
	Session    events.SessionID `db:"session_id,key"`
	Game       events.GameID    `db:"game_id"`
	Joinable   bool             `db:"joinable"`
	EnteredPos int64            `db:"entered_pos"`
}

func newPresenceView() View {
	return &presenceView{
		players: NewTable("presence", func(r *presenceRow) events.PlayerID { return r.Player }),
		playing: NewTable("playing", func(r *playingRow) playerSession { return playerSession{r.Player, r.Session} }),
	}
}

func (*presenceView) Name() string     { return "presence" }
func (*presenceView) Version() int     { return 1 }
func (v *presenceView) Tables() []Rows { return []Rows{v.players, v.playing} }

func (*presenceView) Wants() []events.Event {
	return []events.Event{
		events.PresenceChanged{}, events.VisibilityChanged{}, events.GameEntered{}, events.GameLeft{}, events.JoinableChanged{},
		events.PresenceCleared{}, events.PlayerErased{},
	}
}

func (v *presenceView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.PresenceChanged:
		v.changed(n, e)
	case events.VisibilityChanged:
		v.hid(n, e)
	case events.GameEntered:
		v.playing.Put(playingRow{Player: e.Player, Session: e.Session, Game: e.Game, EnteredPos: n.Position})
		v.does(n, e.Player)
	case events.GameLeft:
		v.playing.Delete(playerSession{e.Player, e.Session})
		v.does(n, e.Player)
	case events.JoinableChanged:
		// Whoever is erased has no games any more, and may be told of yet.
		if row, plays := v.playing.Get(playerSession{e.Player, e.Session}); plays && row.Joinable != e.Joinable {
			row.Joinable = e.Joinable
			v.playing.Put(row)
			v.does(n, e.Player)
		}
	case events.PresenceCleared:
		v.players.Delete(e.Player)
	case events.PlayerErased:
		v.players.Delete(e.Player)
		v.playing.DeleteWhere("player_id", e.Player)
	}
	return nil
}

// changed takes what a player is. Of who has no row nobody has to be told that
// they went offline: that is the end of who was cleared.
func (v *presenceView) changed(n *Noted, e events.PresenceChanged) {
	row, is := v.players.Get(e.Player)
	if !is && e.State == events.PresenceIsOffline || is && row.State == e.State && row.Shown == e.Shown {
		return
	}
	if !is || row.Shown != e.Shown {
		row.Shown, row.ShownAt, row.ShownPos = e.Shown, e.At, n.Position
	}
	row.Player, row.State, row.Position = e.Player, e.State, n.Position
	v.players.Put(row)
}

// hid takes who wants to be seen. What is seen by that follows; of who was never
// there others see no more than before.
func (v *presenceView) hid(n *Noted, e events.VisibilityChanged) {
	row, is := v.players.Get(e.Player)
	if row.Invisible == e.Invisible {
		return
	}
	if !is {
		row = presenceRow{Player: e.Player, State: events.PresenceIsOffline, Shown: events.PresenceIsOffline}
	}
	row.Invisible, row.Position = e.Invisible, n.Position
	v.players.Put(row)
}

// does says that a player plays something else. Others see the games of who is
// shown in one.
func (v *presenceView) does(n *Noted, player events.PlayerID) {
	row, is := v.players.Get(player)
	if !is {
		return
	}
	if row.Position = n.Position; row.Shown == events.PresenceIsInGame {
		row.ShownPos = n.Position
	}
	v.players.Put(row)
}
