package queries

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// LobbyPage is some of the lobbies of a list, newest first.
type LobbyPage struct {
	Lobbies []Lobby
	Next    string // the next page's cursor; empty: this was the last
}

// JoinableLobbies answers: which public lobbies can the player join? They are of
// a game, or of any where it is empty, and not full, and the player is neither
// in them nor kept out, nor apart from their host. The one opened last comes
// first. cursor is the Next of the page before, empty for the first; size is 1
// to 100.
func (d *DB) JoinableLobbies(ctx context.Context, player events.PlayerID, game events.GameID, cursor string, size int) (LobbyPage, error) {
	of, before := listOf("joinable-lobbies", player, game), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return LobbyPage{}, err
	}
	size = pageSize(size)
	var rows []db.ReadLobby
	var err error
	if game == "" {
		rows, err = d.q.JoinableLobbies(ctx, db.JoinableLobbiesParams{
			PlayerID: string(player), Before: before.position, PageSize: int32(size + 1),
		})
	} else {
		rows, err = d.q.JoinableLobbiesOfGame(ctx, db.JoinableLobbiesOfGameParams{
			PlayerID: string(player), GameID: new(string(game)), Before: before.position, PageSize: int32(size + 1),
		})
	}
	if err != nil {
		return LobbyPage{}, failed("query the lobbies that can be joined", err, nil)
	}
	var page LobbyPage
	page.Lobbies, page.Next = pageOf(of, rows, size, func(r db.ReadLobby) (Lobby, key) {
		return lobbyOf(r), &byPosition{r.OpenedPos}
	})
	return page, nil
}

// LobbiesOf answers: in which lobbies is the player? The one joined last comes
// first. cursor is the Next of the page before, empty for the first; size is 1
// to 100.
func (d *DB) LobbiesOf(ctx context.Context, player events.PlayerID, cursor string, size int) (LobbyPage, error) {
	of, before := listOf("lobbies-of", player), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return LobbyPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.LobbiesOfPlayer(ctx, db.LobbiesOfPlayerParams{
		PlayerID: string(player), Before: before.position, PageSize: int32(size + 1),
	})
	if err != nil {
		return LobbyPage{}, failed("query the player's lobbies", err, nil)
	}
	var page LobbyPage
	page.Lobbies, page.Next = pageOf(of, rows, size, func(r db.LobbiesOfPlayerRow) (Lobby, key) {
		return lobbyOf(r.ReadLobby), &byPosition{r.JoinedPos}
	})
	return page, nil
}
