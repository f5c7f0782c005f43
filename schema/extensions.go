package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// extensions are what the search stands on; both are of PostgreSQL's contrib.
// unaccent: "pokemon" finds "Pokémon". pg_trgm: so does "pokmon".
var extensions = []string{"unaccent", "pg_trgm"}

// ErrExtension says that the database lacks an extension and this role can't
// make it, or that it is where it is not found.
var ErrExtension = errors.New("the database lacks an extension that the search needs")

// extend makes the extensions that are not there. The owner of a database may;
// for another role somebody has made them before.
func extend(ctx context.Context, db *sql.DB) error {
	for _, name := range extensions {
		there, err := reachable(ctx, db, name)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		_, err = db.ExecContext(ctx, "CREATE EXTENSION "+name)
		var refused *pgconn.PgError
		if errors.As(err, &refused) {
			return fmt.Errorf(`%w: as a role that may, run "CREATE EXTENSION %s" in it (it is of PostgreSQL's contrib: in Debian within postgresql-15, elsewhere often postgresql-contrib): %w`,
				ErrExtension, name, err)
		}
		if err != nil {
			return fmt.Errorf("make extension %s: %w", name, err)
		}
		if _, err := reachable(ctx, db, name); err != nil {
			return err
		}
	}
	return nil
}

// reachable says whether an extension is there, and refuses one that is not
// found by the names of its operators, or by the reader.
func reachable(ctx context.Context, db *sql.DB, extension string) (bool, error) {
	var in string
	var found, allowed bool
	err := db.QueryRowContext(ctx, `SELECT n.nspname, n.nspname = ANY(current_schemas(true)), has_schema_privilege($2, n.oid, 'USAGE')
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1`, extension, Reader).Scan(&in, &found, &allowed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for extension %s: %w", extension, err)
	case !found:
		return false, fmt.Errorf(`%w where it is found: %s is in the schema %q; run "ALTER EXTENSION %s SET SCHEMA public", `+
			`or put that schema on the database's search_path`, ErrExtension, extension, in, extension)
	case !allowed:
		return false, fmt.Errorf(`%w where it may be used: %s is in the schema %q; run "GRANT USAGE ON SCHEMA %s TO %s"`,
			ErrExtension, extension, in, in, Reader)
	}
	return true, nil
}
