package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// aside is how long readers are held up at a time, at most, for a name to mean
// another table. It is below the time after which the server looks for
// deadlocks, and ends readers.
const aside = 200 * time.Millisecond

// ErrBuiltUpon says that something depends on a name whose columns change.
var ErrBuiltUpon = errors.New("something that is not playcast's is built upon it, and its columns change: drop that, try again, and make it again")

// shownName is a name in the schema read that means, or shall mean, a table of a view.
type shownName struct {
	Name   string
	Wanted bool
	Exists bool
	Same   bool     // its columns are those of the table that it shall mean
	Upon   []string // what is built upon it
}

const shownNames = `
WITH named AS (
    SELECT DISTINCT v.relname::text AS name
    FROM pg_class v
    JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE v.relnamespace = 'read'::regnamespace AND n.nspname ~ $1::text
    UNION
    SELECT unnest($2::text[])
)
SELECT name::text AS name, name = ANY($2::text[]) AS wanted,
    (to_regclass(format('read.%I', name)) IS NOT NULL)::boolean AS exists,
    ((SELECT array_agg((attname, atttypid, atttypmod, attcollation) ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = to_regclass(format('read.%I', name)) AND attnum > 0 AND NOT attisdropped)
     IS NOT DISTINCT FROM
     (SELECT array_agg((attname, atttypid, atttypmod, attcollation) ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = to_regclass(format('%I.%I', $3::text, name)) AND attnum > 0 AND NOT attisdropped))::boolean AS same,
    coalesce((SELECT array_agg(DISTINCT r.ev_class::regclass::text) FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(format('read.%I', name)) AND r.ev_class <> d.refobjid), '{}')::text[] AS upon
FROM named ORDER BY name`

func namesOf(ctx context.Context, tx pgx.Tx, view View, g generation) ([]shownName, error) {
	rows, err := tx.Query(ctx, shownNames, schemasOf(view), tablesOf(view), schemaOf(g))
	if err != nil {
		return nil, fmt.Errorf("find what is shown: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByPos[shownName])
	if err != nil {
		return nil, fmt.Errorf("find what is shown: %w", err)
	}
	return names, nil
}

// show has the names in the schema read mean a generation's tables, by a time. A
// name whose columns stay is the same view as before, so that what others have
// built upon it stays, too.
func show(ctx context.Context, tx pgx.Tx, view View, g generation, by time.Time) error {
	names, err := namesOf(ctx, tx, view, g)
	if err != nil {
		return err
	}
	for _, n := range names {
		name := pgx.Identifier{"read", n.Name}.Sanitize()
		var sql string
		if n.Exists && !n.Same {
			sql = "DROP VIEW " + name + ";"
		}
		if n.Wanted {
			sql += fmt.Sprintf("CREATE OR REPLACE VIEW %[1]s AS SELECT * FROM %[2]s; GRANT SELECT ON %[1]s TO %[3]s;",
				name, pgx.Identifier{schemaOf(g), n.Name}.Sanitize(), reader)
		}
		left := max(time.Until(by).Milliseconds(), 1)
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d;%s", left, sql)); err != nil {
			return fmt.Errorf("show %s of generation %d: %w", n.Name, g.Generation, upon(err))
		}
	}
	return nil
}

// upon names what keeps a view from being dropped.
func upon(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "2BP01" {
		return fmt.Errorf("%w (%s)", ErrBuiltUpon, strings.ReplaceAll(pg.Detail, "\n", "; "))
	}
	return err
}

// free says whether a generation can be shown once it is there: ErrBuiltUpon, if not.
func free(ctx context.Context, tx pgx.Tx, view View, g generation) error {
	names, err := namesOf(ctx, tx, view, g)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.Exists && !n.Same && len(n.Upon) > 0 {
			return fmt.Errorf("%w (%s, upon read.%s)", ErrBuiltUpon, strings.Join(n.Upon, ", "), n.Name)
		}
	}
	return nil
}

func tablesOf(view View) (names []string) {
	for _, rows := range view.Tables() {
		names = append(names, rows.shape().table)
	}
	slices.Sort(names)
	return names
}

// schemasOf is a pattern of the schemas of a view's generations.
func schemasOf(view View) string { return "^read_" + view.Name() + "_[0-9]+$" }

// longReaders tells who has a transaction open that reads a view.
const longReaders = `
SELECT DISTINCT format('%s of %s (process %s, for %s)', coalesce(nullif(a.application_name, ''), 'somebody'), a.usename, a.pid,
    date_trunc('second', now() - a.xact_start))::text AS who
FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()
    AND now() - a.xact_start > interval '200 milliseconds'
    AND (n.nspname = 'read' AND c.relname = ANY($2::text[]) OR n.nspname ~ $1::text)`

func readersOf(ctx context.Context, pool *pgxpool.Pool, view View) ([]string, error) {
	rows, err := pool.Query(ctx, longReaders, schemasOf(view), tablesOf(view))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
