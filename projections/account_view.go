package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// accountView is players' accounts and every segment of play on them.
type accountView struct {
	accounts *Table[events.PlayerID, accountRow]
	playtime *Table[segmentKey, playtimeRow]
}

var _ View = (*accountView)(nil)

type accountRow struct {
	Player   events.PlayerID `db:"player_id,key"`
	OpenedAt time.Time       `db:"opened_at"`
	Position int64           `db:"position"`
}

type segmentKey struct {
	Session events.SessionID
	Segment int
}

type playtimeRow struct {
	Session  events.SessionID `db:"session_id,key"`
	Segment  int              `db:"segment,key"`
	Player   events.PlayerID  `db:"player_id"`
	Game     events.GameID    `db:"game_id"`
	BeganAt  time.Time        `db:"began_at"`
	EndedAt  time.Time        `db:"ended_at"`
	PlayedMS int64            `db:"played_ms"`
}

func newAccountView() View {
	return &accountView{
		accounts: NewTable("account", func(r *accountRow) events.PlayerID { return r.Player }),
		playtime: NewTable("playtime", func(r *playtimeRow) segmentKey { return segmentKey{r.Session, r.Segment} }),
	}
}

func (*accountView) Name() string     { return "account" }
func (*accountView) Version() int     { return 1 }
func (v *accountView) Tables() []Rows { return []Rows{v.accounts, v.playtime} }

func (*accountView) Wants() []events.Event {
	return []events.Event{events.AccountOpened{}, events.PlaytimeMetered{}}
}

func (v *accountView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.AccountOpened:
		v.accounts.Add(accountRow{Player: e.Player, OpenedAt: e.At, Position: n.Position})
	case events.PlaytimeMetered:
		v.playtime.Add(playtimeRow{
			Session: e.Session, Segment: e.Segment.Number, Player: e.Player, Game: e.Game,
			BeganAt: e.Segment.From, EndedAt: e.Segment.To, PlayedMS: e.Segment.Duration().Milliseconds(),
		})
		n.Tell(events.SessionStream(e.Session)) // whose view shows what of it is billed
		return v.accounts.Change(e.Player, func(r *accountRow) { r.Position = n.Position })
	}
	return nil
}
