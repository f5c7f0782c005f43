package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Notification is something that a player is told of: what has happened, in the
// words of its event. What is not part of that event is empty.
type Notification struct {
	Number   int    // from 1 for each player; those of requests that are not open any more are left out
	Event    string // its type, as "FriendRequested"
	At       time.Time
	From     events.PlayerID // the other player, who has a part in it
	About    uuid.UUID       // the lobby, session, recording, invoice, subscription or credit
	Title    string          // of a game or plan, or the number of a document
	Reason   string          // the event's word
	Money    events.Money
	Ends     *time.Time // until when something is, or when it is due
	Position events.Position
}

// NotificationPage is some of what a player is told of, newest first.
type NotificationPage struct {
	Notifications []Notification
	Next          string // the next page's cursor; empty: this was the last
}

// Notifications answers: what is the player told of? What is of players who are
// apart from them is left out. cursor is the Next of the page before, empty for
// the first; size is 1 to 100.
func (d *DB) Notifications(ctx context.Context, player events.PlayerID, cursor string, size int) (NotificationPage, error) {
	of, before := listOf("notifications", player), byPosition{greatest}
	if err := of.after(cursor, &before); err != nil {
		return NotificationPage{}, err
	}
	inbox, err := d.inbox(ctx, player)
	if err != nil || inbox.FirstAt == nil {
		return NotificationPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Notifications(ctx, db.NotificationsParams{
		PlayerID: string(player), Before: before.position, PageSize: int32(size + 1),
		Since: *inbox.FirstAt, Until: *inbox.LastAt, // the months in which they lie
	})
	if err != nil {
		return NotificationPage{}, failed("query what a player is told of", err, nil)
	}
	var page NotificationPage
	page.Notifications, page.Next = pageOf(of, rows, size, func(r db.ReadNotification) (Notification, key) {
		return Notification{
			Number: int(r.Number), Event: r.Event, At: r.At.UTC(), From: events.PlayerID(value(r.FromID)),
			About: value(r.About), Title: r.Title, Reason: r.Reason,
			Money: events.Money{Amount: r.Amount, Currency: events.Currency(r.Currency)},
			Ends:  utc(r.EndsAt), Position: events.Position(r.Position),
		}, &byPosition{int64(r.Number)}
	})
	return page, nil
}

// MostUnseen is as far as unseen notifications are counted.
const MostUnseen = 100

// Unseen is how many notifications a player has not seen, of MostUnseen at most,
// and where the last of all came.
type Unseen struct {
	Count    int
	Last     int // number of the player's last notification; 0: there is none
	Position events.Position
}

// Unseen answers: how many notifications have come after the one of a number?
// Reading is no event: the number up to which a player has seen them is kept by
// who shows them, 0 at first.
func (d *DB) Unseen(ctx context.Context, player events.PlayerID, seen int) (Unseen, error) {
	inbox, err := d.inbox(ctx, player)
	if err != nil {
		return Unseen{}, err
	}
	unseen := Unseen{Last: int(inbox.LastNumber), Position: events.Position(inbox.Position)}
	if inbox.FirstAt == nil || unseen.Last <= seen {
		return unseen, nil
	}
	count, err := d.q.UnseenNotifications(ctx, db.UnseenNotificationsParams{
		PlayerID: string(player), Seen: int64(seen), Since: *inbox.FirstAt, Until: *inbox.LastAt, AtMost: MostUnseen,
	})
	if err != nil {
		return Unseen{}, failed("count what a player has not seen", err, nil)
	}
	unseen.Count = int(count)
	return unseen, nil
}

// inbox is when the player was told of something; the zero one is of who never
// was.
func (d *DB) inbox(ctx context.Context, player events.PlayerID) (db.InboxRow, error) {
	row, err := d.q.Inbox(ctx, string(player))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return db.InboxRow{}, nil
	case err != nil:
		return db.InboxRow{}, failed("query the player's inbox", err, nil)
	}
	return row, nil
}
