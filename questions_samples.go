package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// samples takes things out of the read models that questions are asked about. Its
// error is of the first that could not be taken; what there is nothing of can't
// be asked about.
type samples struct {
	pool *pgxpool.Pool
	err  error
}

// How many things there are of a sample: those that have the most, and any.
const sampledMost, sampledAny = 20, 90

// rowsOf reads rows into structs, column by column.
func rowsOf[R any](ctx context.Context, s *samples, sql string) []R {
	return collected(ctx, s, sql, pgx.RowToStructByPos[R])
}

// ids reads the things that a statement gives as id, with how much there is of
// each as n: those that have the most first, and then any.
func ids[T ~[16]byte](ctx context.Context, s *samples, sql string) []T {
	return ranked(ctx, s, sql, func(id uuid.UUID) T { return T(id) })
}

// texts is ids of what is named by a text.
func texts[T ~string](ctx context.Context, s *samples, sql string) []T {
	return ranked(ctx, s, sql, func(id string) T { return T(id) })
}

func ranked[T, C any](ctx context.Context, s *samples, sql string, of func(C) T) []T {
	one := func(row pgx.CollectableRow) (T, error) {
		id, err := pgx.RowTo[C](row)
		return of(id), err
	}
	return append(
		collected(ctx, s, fmt.Sprintf("SELECT id FROM (%s) of ORDER BY n DESC, id LIMIT %d", sql, sampledMost), one),
		collected(ctx, s, fmt.Sprintf("SELECT id FROM (%s) of ORDER BY hashtext(id::text), id LIMIT %d", sql, sampledAny), one)...)
}

func collected[T any](ctx context.Context, s *samples, sql string, to pgx.RowToFunc[T]) []T {
	if s.err != nil {
		return make([]T, 1)
	}
	rows, err := s.pool.Query(ctx, sql)
	if err == nil {
		var all []T
		if all, err = pgx.CollectRows(rows, to); err == nil && len(all) > 0 {
			return all
		}
	}
	if err == nil {
		err = errors.New("there is nothing")
	}
	s.err = fmt.Errorf("sample %q: %w", sql, err)
	return make([]T, 1)
}
