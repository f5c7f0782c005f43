package queries

import (
	"context"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// SessionPage is some of a player's sessions, newest first.
type SessionPage struct {
	Sessions []Session
	Next     string // the next page's cursor; empty: this was the last
}

// Sessions answers: what has the player played? cursor is the Next of the page
// before, empty for the first; size is 1 to 100.
func (d *DB) Sessions(ctx context.Context, player events.PlayerID, cursor string, size int) (SessionPage, error) {
	of, before := listOf("sessions", player), newest()
	if err := of.after(cursor, &before); err != nil {
		return SessionPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Sessions(ctx, db.SessionsParams{
		PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id,
		PageSize: int32(size + 1), // one more tells whether there is a next page
	})
	if err != nil {
		return SessionPage{}, failed("query the sessions", err, nil)
	}
	all := make([]db.SessionRow, len(rows))
	for i, row := range rows {
		all[i] = db.SessionRow(row)
	}
	return sessionPage(of, all, size)
}

// sessionPage is a page of a list that begins with the session requested last.
func sessionPage(of list, rows []db.SessionRow, size int) (page SessionPage, err error) {
	rows, more := onePage(rows, size)
	for _, row := range rows {
		session, err := sessionOf(row)
		if err != nil {
			return SessionPage{}, err
		}
		page.Sessions = append(page.Sessions, session)
	}
	if more {
		last := page.Sessions[size-1]
		page.Next = of.cursor(&byTime{at: last.RequestedAt, id: uuid.UUID(last.ID)})
	}
	return page, nil
}
