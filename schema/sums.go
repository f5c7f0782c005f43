package schema

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
)

// ErrChanged says that a migration is not the one that ran in the database.
var ErrChanged = errors.New("a migration is another one than that which ran in this database")

// set is the migrations of one schema.
type set struct {
	dir, schema string
	heal        string // what to do when one of them is another than that which ran
}

var (
	vaultSet = set{dir: "vault/migrations", schema: "vault",
		heal: "start the playcast that made it, or restore the file as it was; don't drop the schema named vault, its keys can't be made again"}
	readSet = set{dir: "migrations", schema: "read",
		heal: `start the playcast that made it, or run "DROP SCHEMA read CASCADE" while none runs: the next start fills it again from the log`}
)

// table is goose's, with the sum of the file that ran in each row. A row from
// before sums were kept has none.
func (s set) table() string { return s.schema + ".migration" }

// known has the table hold sums.
func (s set) known(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "ALTER TABLE "+s.table()+" ADD COLUMN IF NOT EXISTS sum text")
	return err
}

// unchanged refuses files that are others than those that ran.
func (s set) unchanged(ctx context.Context, db *sql.DB, files fs.FS, sources []*goose.Source) error {
	rows, err := db.QueryContext(ctx, "SELECT version_id, coalesce(sum, '') FROM "+s.table()+" WHERE version_id > 0 AND is_applied ORDER BY version_id")
	if err != nil {
		return fmt.Errorf("read what ran: %w", err)
	}
	defer rows.Close()
	names := map[int64]string{}
	for _, source := range sources {
		names[source.Version] = path.Base(source.Path)
	}
	for rows.Next() {
		var version int64
		var ran string
		if err := rows.Scan(&version, &ran); err != nil {
			return fmt.Errorf("read what ran: %w", err)
		}
		name := names[version]
		if name == "" {
			return fmt.Errorf("%w: of %s, version %d ran, which this playcast does not have: %s", ErrChanged, s.schema, version, s.heal)
		}
		is, err := sumOf(files, name)
		if err != nil {
			return err
		}
		if ran != "" && ran != is {
			return fmt.Errorf("%w: of %s, %s was changed after it ran: %s", ErrChanged, s.schema, name, s.heal)
		}
	}
	return rows.Err()
}

// record keeps the sums of what ran and has none.
func (s set) record(ctx context.Context, db *sql.DB, files fs.FS, sources []*goose.Source) error {
	for _, source := range sources {
		is, err := sumOf(files, path.Base(source.Path))
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, "UPDATE "+s.table()+" SET sum = $2 WHERE version_id = $1 AND sum IS NULL", source.Version, is); err != nil {
			return fmt.Errorf("keep the sum of %s: %w", source.Path, err)
		}
	}
	return nil
}

// sumOf is the SHA-256 of a file, however its lines end.
func sumOf(files fs.FS, name string) (string, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(sum[:]), nil
}
