package queries

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// ErrCursor refuses a cursor that no page gave out.
var ErrCursor = &events.Fault{Kind: events.Invalid, Code: "cursor-invalid",
	Message: "This cursor is not one that a page gave out. Start from the first page."}

// SessionPage is some of a player's sessions, newest first.
type SessionPage struct {
	Sessions []Session
	Next     string // the next page's cursor; empty: this was the last
}

// Sessions answers: what has the player played? cursor is the Next of the page
// before, empty for the first; size is 1 to 100.
func (d *DB) Sessions(ctx context.Context, player events.PlayerID, cursor string, size int) (SessionPage, error) {
	before, err := pageBefore(cursor)
	if err != nil {
		return SessionPage{}, err
	}
	size = max(1, min(size, 100))
	rows, err := d.q.Sessions(ctx, db.SessionsParams{
		PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id,
		PageSize: int32(size + 1), // one more tells whether there is a next page
	})
	if err != nil {
		return SessionPage{}, failed("query the sessions", err, nil)
	}
	var page SessionPage
	for i, row := range rows {
		if i == size {
			last := page.Sessions[size-1]
			page.Next = pageKey{at: last.RequestedAt, id: uuid.UUID(last.ID)}.cursor()
			break
		}
		session, err := sessionOf(db.SessionRow(row))
		if err != nil {
			return SessionPage{}, err
		}
		page.Sessions = append(page.Sessions, session)
	}
	return page, nil
}

// pageKey is the place in the list after which a page begins.
type pageKey struct {
	at time.Time
	id uuid.UUID
}

// pageBefore is where the page of a cursor begins; an empty one is the first.
func pageBefore(cursor string) (pageKey, error) {
	if cursor == "" {
		return pageKey{at: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), id: uuid.Max}, nil
	}
	return parseCursor(cursor)
}

const cursorVersion = 1

// cursor is a version, microseconds since 1970 and the id, in base64url.
func (k pageKey) cursor() string {
	raw := binary.BigEndian.AppendUint64([]byte{cursorVersion}, uint64(k.at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(raw, k.id[:]...))
}

// decodeCursor takes what a cursor is encoded to and nothing else: the decoder
// by itself passes over ends of lines.
func decodeCursor(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, ErrCursor
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

func parseCursor(text string) (pageKey, error) {
	raw, err := decodeCursor(text)
	if err != nil || len(raw) != 1+8+16 || raw[0] != cursorVersion {
		return pageKey{}, ErrCursor
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw[1:9]))).UTC()
	if at.Year() < 1970 || at.Year() > 9999 {
		return pageKey{}, ErrCursor
	}
	return pageKey{at: at, id: uuid.UUID(raw[9:])}, nil
}
