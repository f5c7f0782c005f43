// Package schema holds the database's migrations. The schema named read is
// derived from the events: dropped with all that is in it, it comes back with
// the next Apply, and the projections fill it again. The schema named vault has
// personal keys, which can't be made again: it has migrations of its own, and is
// never dropped.
package schema

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Reader is the database role that may only read the read models.
const Reader = "playcast_reader"

// ErrNewer says that the database was made by a newer playcast.
var ErrNewer = errors.New("the database belongs to a newer playcast: start that one, or, where it is the read models that are newer, drop the schema named read")

//go:embed migrations/*.sql vault/migrations/*.sql
var migrations embed.FS

// Apply brings the database of a connection URL up to this schema. Several
// processes may call it at once: one migrates, the others wait.
func Apply(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database URL: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := apply(ctx, db); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// applying is the advisory lock that is held while a process migrates.
const applying = 0x706c6179_63617374 // "playcast"

func apply(ctx context.Context, db *sql.DB) (err error) {
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(applying)); err != nil {
		return fmt.Errorf("wait for other migrations: %w", err)
	}
	defer func() {
		_, unlockErr := lock.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(applying))
		err = errors.Join(err, unlockErr)
	}()
	if err := prepare(ctx, db); err != nil {
		return err
	}
	if err := extend(ctx, db); err != nil {
		return err
	}
	for _, s := range []set{vaultSet, readSet} {
		files, err := fs.Sub(migrations, s.dir)
		if err == nil {
			err = s.migrate(ctx, db, files)
		}
		if err != nil {
			return fmt.Errorf("the schema %s: %w", s.schema, err)
		}
	}
	return nil
}

// ErrBuiltUpon says that a migration would drop what something depends on.
var ErrBuiltUpon = errors.New("something that is not playcast's is built upon the tables of before: drop that, start again, and make it again")

// upon names what is built upon a table that can't be dropped.
func upon(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "2BP01" {
		return fmt.Errorf("%w (%s)", ErrBuiltUpon, strings.ReplaceAll(pg.Detail, "\n", "; "))
	}
	return err
}

// migrate runs the files that have not run. It refuses a database in which others
// have run than there are.
func (s set) migrate(ctx context.Context, db *sql.DB, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(s.table()))
	if err != nil {
		return err
	}
	at, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the version: %w", err)
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; at > newest {
		return fmt.Errorf("%w (its version is %d, this one knows %d)", ErrNewer, at, newest)
	}
	if err := s.known(ctx, db); err != nil {
		return fmt.Errorf("keep sums: %w", err)
	}
	if err := s.unchanged(ctx, db, files, sources); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return upon(err)
	}
	return s.record(ctx, db, files, sources)
}
