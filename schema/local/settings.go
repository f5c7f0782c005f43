package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// heir is the data directory as the child processes see it: the descriptor they
// inherit. It leads to the directory without a look at the ones above it.
const heir = "/proc/self/fd/3"

func initArgs(throwaway bool) []string {
	args := []string{
		"--pgdata", heir,
		"--username", superuser,
		"--auth", "trust", // the directory's mode is the guard, see the package doc
		"--encoding", "UTF8",
		"--locale", "C", // the same order of rows on every machine
		"--lc-ctype", "C.UTF-8", // yet upper and lower case for every letter
	}
	if throwaway {
		args = append(args, "--no-sync")
	}
	return args
}

// serverArgs sets what differs from PostgreSQL's defaults. They are arguments
// and not a file, so that a cluster made by an older playcast follows.
func serverArgs(throwaway bool) []string {
	args := []string{"-D", heir, "-k", heir, "-p", "5432"}
	for _, setting := range []string{
		"listen_addresses=",
		"unix_socket_permissions=0700",
		"cluster_name=playcast",
		"shared_buffers=64MB",
		"max_connections=160",   // two generations of each view, in a few processes, besides those who ask
		"synchronous_commit=on", // the vault of keys lives here and can't be derived again
		"wal_level=minimal",     // nobody replicates from here
		"max_wal_senders=0",
		"max_wal_size=256MB",
		"jit=off", // short queries only: compiling them costs more than it gives
		"timezone=UTC",
		"log_timezone=UTC",
		"lc_messages=C", // the log is read for the line that says "ready"
		"log_destination=stderr",
		"logging_collector=off",
		"log_line_prefix=%m [%p] ",
	} {
		args = append(args, "-c", setting)
	}
	if throwaway {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	return args
}

// ensureDatabase creates our database at the first start.
func ensureDatabase(ctx context.Context, url string) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err == nil {
		return conn.Close(ctx)
	}
	const noSuchDatabase = "3D000" // PostgreSQL, appendix A: invalid_catalog_name
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != noSuchDatabase {
		return fmt.Errorf("connect: %w", err)
	}
	cfg.Database = "postgres"
	if conn, err = pgx.ConnectConfig(ctx, cfg); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+superuser)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}
