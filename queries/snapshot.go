package queries

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/queries/internal/db"
)

// whole asks a question that takes several statements of one snapshot: what it
// puts together has been there together.
func whole[T any](ctx context.Context, d *DB, ask func(context.Context, *DB) (T, error)) (answer T, err error) {
	if d.reach == nil {
		return ask(ctx, d) // it is in a snapshot already
	}
	ctx, bound, err := d.reach.bounded(ctx)
	if err != nil {
		return answer, failed("take a snapshot", err, nil)
	}
	defer bound.end()
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	var asked error
	err = pgx.BeginTxFunc(ctx, d.reach.pool, options, func(tx pgx.Tx) error {
		answer, asked = ask(ctx, &DB{q: db.New(tx), listen: d.listen})
		return asked
	})
	if err = bound.failed(err); err != nil && (asked == nil || errors.Is(err, errAway)) {
		err = failed("take a snapshot", err, nil)
	}
	return answer, err
}
