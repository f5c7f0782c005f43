package schema

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Migrate is Apply of other migrations of the schema read alone.
func Migrate(ctx context.Context, url string, files fs.FS) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := prepare(ctx, db); err != nil {
		return err
	}
	return readSet.migrate(ctx, db, files)
}
