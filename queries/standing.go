package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
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

// metersWithin is how long after its end a session's play is on the account.
const metersWithin = 24 * time.Hour

// Unmetered answers: how much has the player played up to now that is not on
// their account yet, as in sessions that run?
func (d *DB) Unmetered(ctx context.Context, player events.PlayerID, now time.Time) (time.Duration, error) {
	rows, err := d.q.Unmetered(ctx, db.UnmeteredParams{PlayerID: string(player), EndedAfter: now.Add(-metersWithin)})
	if err != nil {
		return 0, failed("query what is not metered", err, nil)
	}
	var played time.Duration
	for _, row := range rows {
		played += max(0, milliseconds(row.UnbilledMs))
		if row.ActiveSince != nil {
			played += max(0, now.Sub(*row.ActiveSince))
		}
	}
	return played, nil
}

// Played is a stretch of time in which a player played.
type Played struct{ From, To time.Time }

// PlayedSince answers: when has the player played since a time, up to now where
// they play? A segment that closed a moment ago may be missing until it is metered.
func (d *DB) PlayedSince(ctx context.Context, player events.PlayerID, since, now time.Time) ([]Played, error) {
	rows, err := d.q.PlayedSince(ctx, db.PlayedSinceParams{PlayerID: string(player), EndedAfter: since})
	if err != nil {
		return nil, failed("query when the player played", err, nil)
	}
	played := make([]Played, 0, len(rows))
	for _, row := range rows {
		played = append(played, Played{From: row.BeganAt.UTC(), To: row.EndedAt.UTC()})
	}
	open, err := d.q.Unmetered(ctx, db.UnmeteredParams{PlayerID: string(player), EndedAfter: now})
	if err != nil {
		return nil, failed("query what the player plays", err, nil)
	}
	for _, row := range open {
		if row.ActiveSince != nil && row.ActiveSince.Before(now) {
			played = append(played, Played{From: row.ActiveSince.UTC(), To: now})
		}
	}
	return played, nil
}
