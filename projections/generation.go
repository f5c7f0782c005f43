package projections

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/projections/internal/db"
)

// A generation is one set of a view's tables, in a schema of its own. One is
// live: the names in the schema read are views over its tables. One may be
// building, and one previous, which is kept up to date for a way back.
type generation = db.ReadGeneration

// The states of a generation.
const (
	building = "building"
	live     = "live"
	previous = "previous"
)

// connectWithin bounds an attempt to connect, where the URL does not say so.
const connectWithin = 5 * time.Second

// reader is the role that queries take on. It sees what is live.
const reader = "playcast_reader"

//go:embed tables/*.sql
var tables embed.FS

// ErrNewerView says that a view's rows were made by a newer playcast.
var ErrNewerView = errors.New("the view was built by a newer playcast: start that one, or build the view again with this one")

// connections are shared by the runners, each of which needs one at a time.
const connections = 8

// Open returns connections for projections, to a database whose schema is
// applied. The caller closes them. What is committed may be lost with a cut of
// the power, as a whole: it is folded again from the log.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	config.ConnConfig.AfterConnect = withoutLimits
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectWithin // then it is tried again
	}
	config.MaxConns = max(config.MaxConns, connections)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}

// withoutLimits takes from a connection the limits of time that a database may have
// for others: what takes long here is to take long.
func withoutLimits(ctx context.Context, conn *pgconn.PgConn) error {
	_, err := conn.Exec(ctx, `SELECT set_config(name, '0', false) FROM pg_settings WHERE setting <> '0' AND name IN
		('statement_timeout', 'transaction_timeout', 'lock_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout')`).ReadAll()
	return err
}

// Prepare makes the first generation of each view that has none, in the
// database of a connection URL, whose schema is applied. Queries need it.
func Prepare(ctx context.Context, url string) error {
	pool, err := Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	return prepare(ctx, pool)
}

func prepare(ctx context.Context, pool *pgxpool.Pool) error {
	for _, view := range Views() {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			q := db.New(tx)
			if err := q.LockFirst(ctx, view.Name()); err != nil {
				return err
			}
			_, err := q.InState(ctx, db.InStateParams{View: view.Name(), State: live})
			if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			if err := dropLeft(ctx, tx, view); err != nil {
				return err
			}
			g, err := create(ctx, tx, view, live)
			if err != nil {
				return err
			}
			return show(ctx, tx, view, g, time.Now().Add(aside))
		})
		if err != nil {
			return fmt.Errorf("prepare view %s: %w", view.Name(), err)
		}
	}
	return nil
}

// dropLeft drops what is left of a view's generations when the schema read was
// dropped, and with it all that is known of them.
func dropLeft(ctx context.Context, tx pgx.Tx, view View) error {
	rows, err := tx.Query(ctx, `SELECT nspname::text FROM pg_namespace WHERE nspname ~ $1 AND NOT EXISTS
		(SELECT FROM read.generation g WHERE nspname = format('read_%s_%s', g.view, g.generation)) ORDER BY 1`,
		schemasOf(view))
	if err != nil {
		return fmt.Errorf("find what is left: %w", err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("find what is left: %w", err)
	}
	for _, schema := range left {
		if _, err := tx.Exec(ctx, "DROP SCHEMA "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
			return fmt.Errorf("drop what is left: %w", err)
		}
	}
	return nil
}

// create makes the empty tables of a view's next generation. One that is built
// gets its indexes when it has its rows.
func create(ctx context.Context, tx pgx.Tx, view View, state string) (generation, error) {
	g, err := db.New(tx).AddGeneration(ctx, db.AddGenerationParams{View: view.Name(), Version: int32(view.Version()), State: state})
	if err != nil {
		return g, fmt.Errorf("add a generation: %w", err)
	}
	made, indexes, err := definitions(g)
	if err != nil {
		return g, err
	}
	if state != building {
		made += indexes
	}
	in := schemaOf(g)
	if _, err := tx.Exec(ctx, "CREATE SCHEMA "+in+";"+made); err != nil {
		return g, fmt.Errorf("make the tables: %w", err)
	}
	return g, nil
}

// definitions are the statements that make a generation's tables, and their
// indexes. In the file each statement ends with a line.
func definitions(g generation) (made, indexes string, err error) {
	ddl, err := tables.ReadFile("tables/" + g.View + ".sql")
	if err != nil {
		return "", "", err
	}
	var statement strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(string(ddl), "read.", schemaOf(g)+".")) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "--")
		statement.WriteString(line + "\n")
		if !strings.HasSuffix(strings.TrimSpace(line), ";") {
			continue
		}
		text := strings.TrimSpace(statement.String())
		statement.Reset()
		if strings.HasPrefix(text, "CREATE INDEX") || strings.HasPrefix(text, "CREATE UNIQUE INDEX") {
			indexes += text
		} else {
			made += text
		}
	}
	if rest := strings.TrimSpace(statement.String()); rest != "" {
		return "", "", fmt.Errorf("the tables of view %s end with %.60q, which is no statement", g.View, rest)
	}
	return made, indexes, nil
}

// drop deletes a generation and its tables.
func drop(ctx context.Context, tx pgx.Tx, g generation) error {
	if _, err := db.New(tx).DropGeneration(ctx, db.DropGenerationParams{View: g.View, Generation: g.Generation}); err != nil {
		return fmt.Errorf("forget generation %d: %w", g.Generation, err)
	}
	if _, err := tx.Exec(ctx, "DROP SCHEMA IF EXISTS "+schemaOf(g)+" CASCADE"); err != nil {
		return fmt.Errorf("drop generation %d: %w", g.Generation, err)
	}
	return nil
}

// schemaOf is the schema of a generation's tables. Names of views are plain.
func schemaOf(g generation) string { return fmt.Sprintf("read_%s_%d", g.View, g.Generation) }
