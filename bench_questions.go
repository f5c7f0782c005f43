package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	load "github.com/playcast/playcast/bench/projections"
	"github.com/playcast/playcast/events"
)

// samples are things of a history that questions are asked about.
type samples struct {
	sessions []events.SessionID
	players  []events.PlayerID
	games    []events.GameID
	workers  []events.WorkerID
}

func (p *projectionsBench) sample(ctx context.Context) (s samples, err error) {
	s.sessions, err = sampled(ctx, p, func(id uuid.UUID) events.SessionID { return events.SessionID(id) }, "SELECT session_id FROM read.session ORDER BY hashtext(session_id::text) LIMIT 500")
	players, failed := sampled(ctx, p, named[events.PlayerID], "SELECT player_id FROM read.session GROUP BY 1 ORDER BY hashtext(player_id) LIMIT 500")
	s.players, err = players, errors.Join(err, failed)
	games, failed := sampled(ctx, p, named[events.GameID], "SELECT game_id FROM read.session GROUP BY 1 ORDER BY 1 LIMIT 500")
	s.games, err = games, errors.Join(err, failed)
	workers, failed := sampled(ctx, p, named[events.WorkerID], "SELECT worker_id FROM read.worker ORDER BY 1 LIMIT 500")
	s.workers, err = workers, errors.Join(err, failed)
	return s, err
}

func named[T ~string](id string) T { return T(id) }

// sampled reads one column; what has nothing can't be asked about.
func sampled[T, C any](ctx context.Context, p *projectionsBench, of func(C) T, sql string) ([]T, error) {
	rows, err := p.pool.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[C])
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the history has nothing for %q", sql)
	}
	all := make([]T, len(found))
	for i, f := range found {
		all[i] = of(f)
	}
	return all, nil
}

func (p *projectionsBench) Questions(ctx context.Context) ([]load.Question, error) {
	s, err := p.sample(ctx)
	if err != nil {
		return nil, err
	}
	money, err := p.moneyQuestions(ctx)
	if err != nil {
		return nil, err
	}
	return append(money, []load.Question{
		{Name: "Session", Ask: func(ctx context.Context, i int) error {
			_, err := p.db.Session(ctx, s.sessions[i%len(s.sessions)])
			return err
		}},
		{Name: "Sessions", Ask: func(ctx context.Context, i int) error {
			_, err := p.db.Sessions(ctx, s.players[i%len(s.players)], "", 50)
			return err
		}},
	}...), nil
}
