package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrGrants says that the database's role may not do what a playcast needs.
var ErrGrants = errors.New("the database's role may not do what is needed here")

// grants is what a role may do in its database.
type grants struct {
	role, database string
	makesRoles     bool
	makesSchemas   bool
	reader         bool     // there is the role Reader
	reads          bool     // and this role may take it on
	foreign        []string // schemas of ours that belong to others
}

// granted looks at what the role that connects may do.
func granted(ctx context.Context, db *sql.DB) (g grants, err error) {
	var foreign string
	err = db.QueryRowContext(ctx, `SELECT r.rolname, current_database(), r.rolsuper OR r.rolcreaterole,
			has_database_privilege(current_database(), 'CREATE'),
			EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
			coalesce((SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = $1), false),
			coalesce((SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace
				WHERE nspname IN ('read', 'vault') AND NOT pg_has_role(nspowner, 'USAGE')), '')
		FROM pg_roles r WHERE r.rolname = current_user`, Reader).
		Scan(&g.role, &g.database, &g.makesRoles, &g.makesSchemas, &g.reader, &g.reads, &foreign)
	if err != nil {
		return g, fmt.Errorf("look at what the database's role may do: %w", err)
	}
	g.foreign = strings.Fields(foreign)
	return g, nil
}

// lacking are the statements by which a superuser lets the role do the rest.
func (g grants) lacking() []string {
	role := pgx.Identifier{g.role}.Sanitize()
	var lacking []string
	if !g.reader && !g.makesRoles {
		lacking = append(lacking, "CREATE ROLE "+Reader+" NOLOGIN")
	}
	if !g.reads && !g.makesRoles {
		lacking = append(lacking, "GRANT "+Reader+" TO "+role)
	}
	if !g.makesSchemas {
		lacking = append(lacking, "GRANT CREATE ON DATABASE "+pgx.Identifier{g.database}.Sanitize()+" TO "+role)
	}
	for _, schema := range g.foreign {
		lacking = append(lacking, "ALTER SCHEMA "+schema+" OWNER TO "+role)
	}
	return lacking
}

// check refuses a role that may not do what is needed, and says what to grant.
func (g grants) check() error {
	lacking := g.lacking()
	if len(lacking) == 0 {
		return nil
	}
	return fmt.Errorf("%w: as a superuser, run in the database %q: %s;", ErrGrants, g.database, strings.Join(lacking, "; "))
}

// prepare makes what the migrations stand on, where somebody else has not. The
// role is the whole server's: another database's playcast may have made it.
func prepare(ctx context.Context, db *sql.DB) error {
	g, err := granted(ctx, db)
	if err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, foundation); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	return nil
}

const foundation = `
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'playcast_reader') THEN
        CREATE ROLE playcast_reader NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
CREATE SCHEMA IF NOT EXISTS read;
CREATE SCHEMA IF NOT EXISTS vault;
GRANT USAGE ON SCHEMA read TO playcast_reader;
DO $$ BEGIN
    EXECUTE format('GRANT playcast_reader TO %I', current_user);
EXCEPTION WHEN insufficient_privilege THEN
    IF NOT pg_has_role('playcast_reader', 'MEMBER') THEN RAISE; END IF; -- else somebody has granted it
END $$;`
