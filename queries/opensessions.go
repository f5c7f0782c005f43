package queries

import (
	"context"

	"github.com/playcast/playcast/events"
)

// OpenSessions answers: which sessions of the player are not over?
func (d *DB) OpenSessions(ctx context.Context, player events.PlayerID) ([]events.SessionID, error) {
	rows, err := d.q.OpenSessions(ctx, string(player))
	if err != nil {
		return nil, failed("query the open sessions", err, nil)
	}
	open := make([]events.SessionID, len(rows))
	for i, row := range rows {
		open[i] = events.SessionID(row)
	}
	return open, nil
}
