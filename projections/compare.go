package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// patience is how long a comparison waits for a live generation that is behind.
const patience = 10 * time.Second

// DifferentError says that a generation that was built is not equal to the live
// one, though both are of one version.
type DifferentError struct {
	View     string
	Tables   []string
	Position events.Position // at which they were compared
}

func (e *DifferentError) Error() string {
	return fmt.Sprintf("view %s: rebuilt up to %d, it is not what it is live, in %s: it was not switched. "+
		"If the live one is wrong, switch with --even-if-different", e.View, e.Position, strings.Join(e.Tables, ", "))
}

// sum is what a table comes to: equal sums are equal rows, in any order.
type sum struct {
	rows int64
	hash string
}

// compare holds the generation against the live one, at one position, while
// that one goes on: its rows are read in a snapshot. reason says why they could
// not be compared.
func (b *builder) compare(ctx context.Context) (reason string, err error) {
	reason, err = b.comparable(ctx)
	if reason != "" || err != nil {
		return reason, err
	}
	tx, err := b.held.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return "", fmt.Errorf("view %s: take a snapshot: %w", b.g.View, err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	shown, err := db.New(tx).InState(ctx, db.InStateParams{View: b.g.View, State: live})
	if err != nil {
		return "", fmt.Errorf("view %s: read the live checkpoint: %w", b.g.View, err)
	}
	if err := b.reach(ctx, events.Position(shown.Position)); err != nil {
		return "", err
	}
	different := &DifferentError{View: b.g.View, Position: b.after}
	for _, rows := range b.tables {
		l := rows.shape()
		was, err := sumOf(ctx, tx, l, shown)
		if err != nil {
			return "", err
		}
		is, err := sumOf(ctx, b.pool, l, b.g)
		if err != nil {
			return "", err
		}
		if was != is {
			different.Tables = append(different.Tables, fmt.Sprintf("%s (%d rows, live %d)", l.table, is.rows, was.rows))
		}
	}
	if len(different.Tables) > 0 {
		return "", different
	}
	return "", nil
}

// comparable waits until the live generation is not behind this one.
func (b *builder) comparable(ctx context.Context) (reason string, err error) {
	deadline := time.Now().Add(patience)
	for {
		shown, err := db.New(b.pool).InState(ctx, db.InStateParams{View: b.g.View, State: live})
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return "there was none before", nil
		case err != nil:
			return "", fmt.Errorf("view %s: read the live checkpoint: %w", b.g.View, err)
		case shown.Version != b.g.Version:
			return fmt.Sprintf("the one before is of version %d, this one of %d", shown.Version, b.g.Version), nil
		case events.Position(shown.Position) >= b.after:
			return "", nil
		case shown.Failed != nil:
			return "the one before has stopped at " + *shown.Failed, nil
		case time.Now().After(deadline):
			return "the one before is behind and was not kept up to date", nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(look):
		}
	}
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func sumOf(ctx context.Context, in rowQuerier, l *layout, g generation) (sum, error) {
	var s sum
	err := in.QueryRow(ctx, "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text FROM "+l.in(schemaOf(g))+" r").
		Scan(&s.rows, &s.hash)
	if err != nil {
		return s, fmt.Errorf("sum up %s: %w", l.table, err)
	}
	return s, nil
}
