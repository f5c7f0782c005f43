package queries

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pace is how fast slots were given: Slots of them from First to Last.
type Pace struct {
	First, Last time.Time
	Slots       int
}

// Pace answers: how fast were the last slots given, as many at most?
func (d *DB) Pace(ctx context.Context, atMost int) (Pace, error) {
	row, err := d.q.Pace(ctx, int32(atMost))
	if errors.Is(err, pgx.ErrNoRows) {
		return Pace{}, nil
	}
	if err != nil {
		return Pace{}, failed("query how fast slots were given", err, nil)
	}
	return Pace{First: row.First.UTC(), Last: row.Last.UTC(), Slots: int(row.Slots)}, nil
}
