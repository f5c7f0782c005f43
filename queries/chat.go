package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// LobbyMessage is something that a member has said. Who has their key opens it.
type LobbyMessage struct {
	Number int // from 1 within the lobby
	At     time.Time
	Text   events.Sealed // by whom it is
}

// ChatPage is some of what was said in a lobby, newest first.
type ChatPage struct {
	Messages []LobbyMessage
	Next     string // the next page's cursor; empty: this was the last
}

// skew bounds how far the clocks of those who date events of one lobby differ.
const skew = 24 * time.Hour

// LobbyChat answers: what was said in the lobby? What players said who are
// erased is gone, and its numbers with it. cursor is the Next of the page before,
// empty for the first; size is 1 to 100.
func (d *DB) LobbyChat(ctx context.Context, id events.LobbyID, cursor string, size int) (ChatPage, error) {
	of, before := listOf("lobby-chat", id), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return ChatPage{}, err
	}
	life, err := d.q.LobbyLife(ctx, uuid.UUID(id))
	if err != nil {
		return ChatPage{}, failed("query the lobby's life", err, ErrLobbyUnknown)
	}
	until := endOfTime
	if life.ClosedAt != nil {
		until = life.ClosedAt.Add(skew)
	}
	size = pageSize(size)
	rows, err := d.q.LobbyChat(ctx, db.LobbyChatParams{
		LobbyID: uuid.UUID(id), Before: before.position, PageSize: int32(size + 1),
		Since: life.OpenedAt.Add(-skew), Until: until, // the months in which they lie
	})
	if err != nil {
		return ChatPage{}, failed("query what was said in the lobby", err, nil)
	}
	var page ChatPage
	page.Messages, page.Next = pageOf(of, rows, size, func(r db.LobbyChatRow) (LobbyMessage, key) {
		return LobbyMessage{
			Number: int(r.Number), At: r.SaidAt.UTC(), Text: events.Sealed{Player: events.PlayerID(r.PlayerID), Data: r.Text},
		}, &byPosition{int64(r.Number)}
	})
	return page, nil
}
