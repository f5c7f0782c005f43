package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Waiting is a session that waits for a slot.
type Waiting struct {
	Session  events.SessionID
	Player   events.PlayerID
	Game     events.GameID
	Title    string
	State    events.SessionState // requested: it was not looked at yet
	Place    int64               // from 1
	Priority int
	Since    time.Time
	Needs    events.Needs
}

// QueuePage is some of those who wait, the next one first.
type QueuePage struct {
	Waiting []Waiting
	Next    string // the next page's cursor; empty: this was the last
}

// byTurn is the order of the queue.
type byTurn struct {
	queuedAs time.Time
	position int64
}

func (k *byTurn) code(c *coder) { c.time(&k.queuedAs); c.number(&k.position) }

// Queue answers: who waits, in which order, and for what? cursor is the Next of
// the page before, empty for the first; size is 1 to 100. Places are as of now,
// also on a later page.
func (d *DB) Queue(ctx context.Context, cursor string, size int) (QueuePage, error) {
	of, after := listOf("queue"), byTurn{queuedAs: startOfTime}
	if err := of.after(cursor, &after); err != nil {
		return QueuePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Queue(ctx, db.QueueParams{
		AfterAt: after.queuedAs, AfterPos: after.position,
		PageSize: int32(size + 1), // one more tells whether there is a next page
	})
	if err != nil {
		return QueuePage{}, failed("query the queue", err, nil)
	}
	var page QueuePage
	rows, more := onePage(rows, size)
	for i, r := range rows {
		page.Waiting = append(page.Waiting, Waiting{
			Session: events.SessionID(r.SessionID), Player: events.PlayerID(r.PlayerID), Game: events.GameID(r.GameID),
			Title: r.Title, State: events.SessionState(r.State), Place: r.Ahead + int64(i) + 1,
			Priority: int(r.Priority), Since: r.RequestedAt.UTC(),
			Needs: events.Needs{Region: r.NeedsRegion, Encoder: r.NeedsEncoder, GPU: r.NeedsGpu},
		})
	}
	if more {
		page.Next = of.cursor(&byTurn{rows[size-1].QueuedAs, rows[size-1].RequestedPos})
	}
	return page, nil
}

// QueueLength is how many of a priority wait.
type QueueLength struct {
	Priority int
	Waiting  int64
}

// QueueLengths answers: how many wait, of each priority that somebody waits
// with, the highest first?
func (d *DB) QueueLengths(ctx context.Context) ([]QueueLength, error) {
	rows, err := d.q.QueueLengths(ctx)
	if err != nil {
		return nil, failed("query how many wait", err, nil)
	}
	lengths := make([]QueueLength, len(rows))
	for i, row := range rows {
		lengths[i] = QueueLength{Priority: int(row.Priority), Waiting: row.Waiting}
	}
	return lengths, nil
}
