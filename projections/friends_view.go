package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// friendsView is who is whose friend, asks whom, and blocks whom. What a player
// is shown moves with what is theirs to know, and with nothing else: nobody finds
// out by it that they are blocked. Whoever is erased has their ties ended by
// events of their own; the others' blocks stay.
type friendsView struct {
	friends  *Table[playerPair, friendRow]
	requests *Table[playerPair, friendRequestRow]
	blocks   *Table[playerPair, blockRow]
	circles  *Table[events.PlayerID, circleRow]
}

var _ View = (*friendsView)(nil)

type playerPair struct{ By, To events.PlayerID }

type friendRow struct {
	Player events.PlayerID `db:"player_id,key"`
	Friend events.PlayerID `db:"friend_id,key"`
	Since  time.Time       `db:"since"`
}

type friendRequestRow struct {
	By       events.PlayerID `db:"by_id,key"`
	To       events.PlayerID `db:"to_id,key"`
	AskedAt  time.Time       `db:"asked_at"`
	AskedPos int64           `db:"asked_pos"`
	ShownAt  time.Time       `db:"shown_at,null"`
	ShownPos int64           `db:"shown_pos,null"`
}

type blockRow struct {
	By events.PlayerID `db:"by_id,key"`
	To events.PlayerID `db:"to_id,key"`
	At time.Time       `db:"blocked_at"`
}

type circleRow struct {
	Player   events.PlayerID `db:"player_id,key"`
	Friends  int             `db:"friends"`
	Asking   int             `db:"asking"`
	Asked    int             `db:"asked"`
	Blocking int             `db:"blocking"`
	Position int64           `db:"position"`
}

func newFriendsView() View {
	return &friendsView{
		friends:  NewTable("friendship", func(r *friendRow) playerPair { return playerPair{r.Player, r.Friend} }),
		requests: NewTable("friend_request", func(r *friendRequestRow) playerPair { return playerPair{r.By, r.To} }),
		blocks:   NewTable("block", func(r *blockRow) playerPair { return playerPair{r.By, r.To} }),
		circles:  NewTable("circle", func(r *circleRow) events.PlayerID { return r.Player }),
	}
}

func (*friendsView) Name() string     { return "friends" }
func (*friendsView) Version() int     { return 1 }
func (v *friendsView) Tables() []Rows { return []Rows{v.friends, v.requests, v.blocks, v.circles} }

func (*friendsView) Wants() []events.Event {
	return []events.Event{
		events.FriendRequested{}, events.FriendRequestWithdrawn{}, events.FriendRequestDeclined{}, events.FriendshipFormed{},
		events.FriendshipEnded{}, events.PlayerBlocked{}, events.PlayerUnblocked{}, events.PlayerErased{},
	}
}

func (v *friendsView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.FriendRequested:
		v.request(n, e)
	case events.FriendRequestWithdrawn:
		v.answer(n, playerPair{e.By, e.To})
	case events.FriendRequestDeclined:
		v.answer(n, playerPair{e.To, e.By})
	case events.FriendshipFormed:
		v.answer(n, playerPair{e.By, e.To})
		v.answer(n, playerPair{e.To, e.By})
		v.befriend(n, playerPair{e.By, e.To}, e.At)
		v.befriend(n, playerPair{e.To, e.By}, e.At)
	case events.FriendshipEnded:
		v.part(n, playerPair{e.By, e.To})
		v.part(n, playerPair{e.To, e.By})
	case events.PlayerBlocked:
		pair := playerPair{e.By, e.To}
		if _, already := v.blocks.Get(pair); !already {
			v.blocks.Put(blockRow{By: e.By, To: e.To, At: e.At})
			v.count(n, e.By, func(r *circleRow) { r.Blocking++ })
		}
	case events.PlayerUnblocked:
		pair := playerPair{e.By, e.To}
		if _, blocks := v.blocks.Get(pair); blocks {
			v.blocks.Delete(pair)
			v.count(n, e.By, func(r *circleRow) { r.Blocking-- })
		}
	case events.PlayerErased:
		v.circles.Delete(e.Player)
	}
	return nil
}

// request opens a request, or shows one that was hidden, which is nothing new to
// who asks.
func (v *friendsView) request(n *Noted, e events.FriendRequested) {
	row, open := v.requests.Get(playerPair{e.By, e.To})
	if !open {
		row = friendRequestRow{By: e.By, To: e.To, AskedAt: e.At, AskedPos: n.Position}
		v.count(n, e.By, func(r *circleRow) { r.Asking++ })
	}
	switch shown := row.ShownPos != 0; {
	case !shown && !e.Hidden:
		row.ShownAt, row.ShownPos = e.At, n.Position
		v.count(n, e.To, func(r *circleRow) { r.Asked++ })
	case shown && e.Hidden:
		row.ShownAt, row.ShownPos = time.Time{}, 0
		v.count(n, e.To, func(r *circleRow) { r.Asked-- })
	}
	v.requests.Put(row)
}

// answer ends a request, if there is one.
func (v *friendsView) answer(n *Noted, pair playerPair) {
	row, open := v.requests.Get(pair)
	if !open {
		return
	}
	v.requests.Delete(pair)
	v.count(n, pair.By, func(r *circleRow) { r.Asking-- })
	if row.ShownPos != 0 {
		v.count(n, pair.To, func(r *circleRow) { r.Asked-- })
	}
}

func (v *friendsView) befriend(n *Noted, pair playerPair, at time.Time) {
	if _, already := v.friends.Get(pair); !already {
		v.friends.Put(friendRow{Player: pair.By, Friend: pair.To, Since: at})
		v.count(n, pair.By, func(r *circleRow) { r.Friends++ })
	}
}

func (v *friendsView) part(n *Noted, pair playerPair) {
	if _, are := v.friends.Get(pair); are {
		v.friends.Delete(pair)
		v.count(n, pair.By, func(r *circleRow) { r.Friends-- })
	}
}

// count changes what a player has. A row begins again after an erasure, and what
// was before it ends only then: it is not counted any more.
func (v *friendsView) count(n *Noted, player events.PlayerID, change func(*circleRow)) {
	row, _ := v.circles.Get(player)
	before := row
	change(&row)
	row.Friends, row.Asking, row.Asked, row.Blocking = max(row.Friends, 0), max(row.Asking, 0), max(row.Asked, 0), max(row.Blocking, 0)
	if row != before {
		row.Player, row.Position = player, n.Position
		v.circles.Put(row)
	}
}
