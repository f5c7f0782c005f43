package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// Status is how a generation of a view is doing.
type Status struct {
	View       string          `json:"view"`
	Generation int             `json:"generation"`
	State      string          `json:"state"` // building, live, previous
	Version    int             `json:"version"`
	Position   events.Position `json:"position"`
	Head       events.Position `json:"head"`          // of the log
	Events     int64           `json:"events"`        // seen, of any type
	Lag        time.Duration   `json:"lag_ns"`        // since the store took the last event seen; 0: it is at the head
	MadeAt     time.Time       `json:"made_at"`       // when it was begun
	Failed     string          `json:"failed"`        // the event that it has stopped at
	Failure    string          `json:"failure"`       // why
	EventAt    time.Time       `json:"last_event_at"` // when the store took the last event seen
}

// List returns the status of every generation, in order of views and generations.
func List(ctx context.Context, pool *pgxpool.Pool, store events.Store, now time.Time) ([]Status, error) {
	head, err := store.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	all, err := db.New(pool).Generations(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the generations: %w", err)
	}
	list := make([]Status, len(all))
	for i, g := range all {
		s := Status{
			View: g.View, Generation: int(g.Generation), State: g.State, Version: int(g.Version),
			Position: events.Position(g.Position), Head: head, Events: g.Seen, MadeAt: g.MadeAt.UTC(),
		}
		if g.Failed != nil {
			s.Failed, s.Failure = *g.Failed, *g.Failure
		}
		since := g.MadeAt
		if g.EventAt != nil {
			since, s.EventAt = *g.EventAt, g.EventAt.UTC()
		}
		if s.Position < head {
			s.Lag = max(now.Sub(since), time.Nanosecond)
		}
		list[i] = s
	}
	return list, nil
}
