package main

import (
	"context"
	"fmt"
	"time"

	load "github.com/playcast/playcast/bench/projections"
	"github.com/playcast/playcast/queries"
)

// Questions are all there are, after the history got what it has nothing of.
func (p *projectionsBench) Questions(ctx context.Context) ([]load.Question, error) {
	const plenty = 1000
	if _, err := newBelongings("bench", plenty, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), true).append(ctx, p.store); err != nil {
		return nil, fmt.Errorf("append what the history lacks: %w", err)
	}
	if err := p.Level(ctx); err != nil {
		return nil, err
	}
	// As the database does by itself within a minute.
	if _, err := p.pool.Exec(ctx, "ANALYZE"); err != nil {
		return nil, err
	}
	all, err := questions(ctx, &samples{pool: p.pool})
	if err != nil {
		return nil, err
	}
	trivial := question{"nothing", nil, func(ctx context.Context, _ *queries.DB, _ int) (any, error) {
		_, err := p.pool.Exec(ctx, "SELECT 1")
		return nil, err
	}}
	var asked []load.Question
	for _, q := range append(all, trivial) {
		asked = append(asked, load.Question{Name: q.name, Ask: func(ctx context.Context, i int) error {
			_, err := q.ask(ctx, p.db, i)
			return err
		}})
	}
	return asked, nil
}
