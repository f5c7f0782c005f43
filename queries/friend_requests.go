package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// FriendRequest is an open request, with the other player.
type FriendRequest struct {
	Player events.PlayerID
	At     time.Time
}

// FriendRequestPage is some of a player's open requests, newest first. How many
// there are tells Circle.
type FriendRequestPage struct {
	Requests []FriendRequest
	Next     string // the next page's cursor; empty: this was the last
}

// RequestsTo answers: who asks the player for their friendship? cursor is the
// Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) RequestsTo(ctx context.Context, player events.PlayerID, cursor string, size int) (FriendRequestPage, error) {
	of, before := listOf("friend-requests-to", player), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return FriendRequestPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.RequestsTo(ctx, db.RequestsToParams{PlayerID: string(player), Before: before.position, PageSize: int32(size + 1)})
	if err != nil {
		return FriendRequestPage{}, failed("query the requests to a player", err, nil)
	}
	var page FriendRequestPage
	page.Requests, page.Next = pageOf(of, rows, size, func(r db.RequestsToRow) (FriendRequest, key) {
		return FriendRequest{Player: events.PlayerID(r.ByID), At: r.ShownAt.UTC()}, &byPosition{r.ShownPos}
	})
	return page, nil
}

// RequestsBy answers: whom has the player asked, who has not answered yet? cursor
// is the Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) RequestsBy(ctx context.Context, player events.PlayerID, cursor string, size int) (FriendRequestPage, error) {
	of, before := listOf("friend-requests-by", player), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return FriendRequestPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.RequestsBy(ctx, db.RequestsByParams{PlayerID: string(player), Before: before.position, PageSize: int32(size + 1)})
	if err != nil {
		return FriendRequestPage{}, failed("query the requests of a player", err, nil)
	}
	var page FriendRequestPage
	page.Requests, page.Next = pageOf(of, rows, size, func(r db.RequestsByRow) (FriendRequest, key) {
		return FriendRequest{Player: events.PlayerID(r.ToID), At: r.AskedAt.UTC()}, &byPosition{r.AskedPos}
	})
	return page, nil
}

// BlockedPlayer is a player whom another one blocks.
type BlockedPlayer struct {
	Player events.PlayerID
	At     time.Time
}

// BlockedPage is some of those whom a player blocks, by their ids.
type BlockedPage struct {
	Blocked []BlockedPlayer
	Next    string // the next page's cursor; empty: this was the last
}

// Blocked answers: whom does the player block? cursor is the Next of the page
// before, empty for the first; size is 1 to 100.
func (d *DB) Blocked(ctx context.Context, player events.PlayerID, cursor string, size int) (BlockedPage, error) {
	var after byText
	of := listOf("blocked", player)
	if err := of.after(cursor, &after); err != nil {
		return BlockedPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Blocked(ctx, db.BlockedParams{PlayerID: string(player), After: after.text, PageSize: int32(size + 1)})
	if err != nil {
		return BlockedPage{}, failed("query whom a player blocks", err, nil)
	}
	var page BlockedPage
	page.Blocked, page.Next = pageOf(of, rows, size, func(r db.BlockedRow) (BlockedPlayer, key) {
		return BlockedPlayer{Player: events.PlayerID(r.ToID), At: r.BlockedAt.UTC()}, &byText{text: r.ToID}
	})
	return page, nil
}
