package projections

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/projections/internal/db"
)

// partition makes the partitions that rows belong in and that are not there.
func (w *writer) partition(ctx context.Context, l *layout, c changes) error {
	if l.monthly < 0 {
		return nil
	}
	for _, row := range slices.Concat(c.added, c.put) {
		month := monthOf(row[l.monthly].(time.Time))
		name := fmt.Sprintf("%s_%s", l.table, month.Format("2006_01"))
		if w.partitions[name] {
			continue
		}
		err := pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error { return w.attach(ctx, tx, l, name, month) })
		if err != nil {
			return fmt.Errorf("make partition %s: %w", name, err)
		}
		w.partitions[name] = true
	}
	return nil
}

// attach makes a month's partition, unless it is there. A table that becomes a
// partition waits for no reader of the others, and so none waits for it.
func (w *writer) attach(ctx context.Context, tx pgx.Tx, l *layout, name string, month time.Time) error {
	if err := db.New(tx).LockFirst(ctx, w.g.View); err != nil { // it may be somebody's first, too
		return err
	}
	is := pgx.Identifier{schemaOf(w.g), name}.Sanitize()
	var there bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", is).Scan(&there); err != nil || there {
		return err
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("CREATE TABLE %[1]s (LIKE %[2]s INCLUDING ALL); ALTER TABLE %[2]s ATTACH PARTITION %[1]s FOR VALUES FROM ('%[3]s') TO ('%[4]s')",
		is, l.in(schemaOf(w.g)), month.Format(time.RFC3339), month.AddDate(0, 1, 0).Format(time.RFC3339)))
	return err
}
