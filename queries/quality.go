package queries

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Moment is a part of the story of a session's picture: a window of quality,
// or a step to another shape or encoder. One of the two is set.
type Moment struct {
	From, To time.Time // equal for a step
	Quality  *events.Quality
	Step     *events.PictureAdapted
}

// MomentPage is some of a session's moments, oldest first.
type MomentPage struct {
	Moments []Moment
	Next    string // the next page's cursor; empty: this was the last
}

// SessionQuality answers: how was the session's picture, window by window and
// step by step? cursor is the Next of the page before, empty for the first;
// size is 1 to 500. A session that is not known has no moments.
func (d *DB) SessionQuality(ctx context.Context, id events.SessionID, cursor string, size int) (MomentPage, error) {
	of, after := listOf("session-quality", id), byPosition{-1}
	if err := of.after(cursor, &after); err != nil {
		return MomentPage{}, err
	}
	size = max(1, min(size, 500))
	rows, err := d.q.PictureHistory(ctx, db.PictureHistoryParams{
		SessionID: uuid.UUID(id), After: after.position,
		PageSize: int32(size + 1), // one more tells whether there is a next page
	})
	if err != nil {
		return MomentPage{}, failed("query the picture's history", err, nil)
	}
	var page MomentPage
	rows, more := onePage(rows, size)
	for _, row := range rows {
		moment, err := momentOf(row)
		if err != nil {
			return MomentPage{}, failed("read the picture's history", err, nil)
		}
		page.Moments = append(page.Moments, moment)
	}
	if more {
		page.Next = of.cursor(&byPosition{rows[size-1].Position})
	}
	return page, nil
}

func momentOf(row db.PictureHistoryRow) (Moment, error) {
	m := Moment{From: row.BeganAt.UTC(), To: row.EndedAt.UTC()}
	if row.Picture != nil {
		return m, json.Unmarshal(row.Picture, &m.Step)
	}
	return m, json.Unmarshal(row.Quality, &m.Quality)
}
