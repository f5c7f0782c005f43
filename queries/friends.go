package queries

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Friend is a friend of a player's, with their presence as the player sees it.
type Friend struct {
	Presence
	FriendSince time.Time
}

// FriendPage is some of a player's friends, by their ids.
type FriendPage struct {
	Friends []Friend
	Next    string // the next page's cursor; empty: this was the last
}

// Friends answers: who are the player's friends, and what do they do? cursor is
// the Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) Friends(ctx context.Context, player events.PlayerID, cursor string, size int) (FriendPage, error) {
	var after byText
	of := listOf("friends", player)
	if err := of.after(cursor, &after); err != nil {
		return FriendPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Friends(ctx, db.FriendsParams{PlayerID: string(player), After: after.text, PageSize: int32(size + 1)})
	if err != nil {
		return FriendPage{}, failed("query the player's friends", err, nil)
	}
	var page FriendPage
	page.Friends, page.Next = pageOf(of, rows, size, func(r db.FriendsRow) (Friend, key) {
		return friendOf(r), &byText{text: r.FriendID}
	})
	return page, nil
}

func friendOf(row db.FriendsRow) Friend {
	p := Presence{Player: events.PlayerID(row.FriendID), State: events.PresenceIsOffline}
	if row.Shown != nil {
		p.State, p.Since, p.Position = events.PresenceState(*row.Shown), value(row.ShownAt).UTC(), events.Position(value(row.ShownPos))
	}
	return Friend{Presence: shownPresence(p, playingOf(row.SessionID, row.GameID, row.Joinable)), FriendSince: row.Since.UTC()}
}

// Circle is how many friends, requests and blocks a player has, as far as they
// are to know.
type Circle struct {
	Friends  int
	Asking   int // open requests of theirs
	Asked    int // open requests to them
	Blocking int
	Position events.Position
}

// Circle answers: how many friends, requests and blocks has the player?
func (d *DB) Circle(ctx context.Context, player events.PlayerID) (Circle, error) {
	row, err := d.q.Circle(ctx, string(player))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Circle{}, nil
	case err != nil:
		return Circle{}, failed("count the player's friends", err, nil)
	}
	return Circle{
		Friends: int(row.Friends), Asking: int(row.Asking), Asked: int(row.Asked), Blocking: int(row.Blocking),
		Position: events.Position(row.Position),
	}, nil
}

// Tie is what a player has with another one, as far as they are to know.
type Tie struct {
	Friends  bool
	Asking   bool // they have asked the other
	Asked    bool // the other has asked them
	Blocking bool
}

// Tie answers: what has the player with another one?
func (d *DB) Tie(ctx context.Context, player, other events.PlayerID) (Tie, error) {
	row, err := d.q.Tie(ctx, db.TieParams{PlayerID: string(player), OtherID: string(other)})
	if err != nil {
		return Tie{}, failed("query what is between two players", err, nil)
	}
	return Tie{Friends: row.Friends, Asking: row.Asking, Asked: row.Asked, Blocking: row.Blocking}, nil
}

// Apart answers: may neither of the two be shown anything of the other? Neither
// is told so: one of them may not know.
func (d *DB) Apart(ctx context.Context, a, b events.PlayerID) (bool, error) {
	row, err := d.q.Tie(ctx, db.TieParams{PlayerID: string(a), OtherID: string(b)})
	if err != nil {
		return false, failed("query who keeps away from whom", err, nil)
	}
	return row.Blocking || row.Blocked, nil
}
