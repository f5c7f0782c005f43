package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/vault"
)

const (
	// masterKeyFile has, in the data directory, the key that locks the vault,
	// unless the environment has it. It is made at the first start.
	masterKeyFile = "master-key"
	masterKeyVar  = "PLAYCAST_MASTER_KEY"
	nextKeyVar    = "PLAYCAST_NEXT_MASTER_KEY"
	// databaseFile holds, in the data directory, how the running database is
	// reached.
	databaseFile = "database"
)

// masterKey is that of the environment, else the data directory's, which is made
// where there is none.
func masterKey(data string) (vault.MasterKey, error) {
	text := os.Getenv(masterKeyVar)
	if text == "" {
		return vault.KeepMasterKey(filepath.Join(data, masterKeyFile))
	}
	key, err := vault.ParseMasterKey(text)
	if err != nil {
		err = fmt.Errorf("%s: %w", masterKeyVar, err)
	}
	return key, err
}

// openVault finds a wrong master key at the start, not with the first name that
// can't be read, and leaves word of where the database is.
func (p *platform) openVault(ctx context.Context) error {
	key, err := masterKey(p.command.Data)
	if err != nil {
		return err
	}
	pool, err := p.openPool(ctx)
	if err != nil {
		return err
	}
	if p.vault, err = vault.Open(ctx, pool, key); err != nil {
		return err
	}
	return os.WriteFile(p.command.path(databaseFile), []byte(p.database+"\n"), 0o600)
}

// vaultFlags say which vault is meant.
type vaultFlags struct {
	Postgres string `placeholder:"postgres://…" help:"The database. Default: the one that the data directory names." env:"PLAYCAST_POSTGRES"`
}

// pool connects to the database of a playcast that runs.
func (f vaultFlags) pool(ctx context.Context, data string) (*pgxpool.Pool, error) {
	url, err := f.reach(ctx, data)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}

// reach returns the URL of that database, which has answered and has the schema
// of this playcast.
func (f vaultFlags) reach(ctx context.Context, data string) (string, error) {
	url := f.Postgres
	if url == "" {
		named, err := os.ReadFile(filepath.Join(data, databaseFile))
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("no playcast has run on %s: name its data directory with --data, or the database with --postgres", data)
		}
		if err != nil {
			return "", err
		}
		url = strings.TrimSpace(string(named))
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", fmt.Errorf("no database answers: start playcast, or name another with --data or --postgres: %w", err)
	}
	if err := conn.Close(ctx); err != nil {
		return "", err
	}
	return url, schema.Apply(ctx, url)
}

// vaultCommand looks after the keys of what is personal.
type vaultCommand struct {
	Data string `default:"./data" type:"path" help:"The data directory of the running playcast." env:"PLAYCAST_DATA"`
	vaultFlags

	Rotate vaultRotateCommand `cmd:"" help:"Wrap every player's key by a new master key: that of PLAYCAST_NEXT_MASTER_KEY, or a fresh one in the data directory. Then start each playcast that runs again."`
}

type vaultRotateCommand struct{}

// Run changes the master key. Cut off at any point, it can be run again.
func (*vaultRotateCommand) Run(ctx context.Context, t *terminal, c *vaultCommand) error {
	if os.Getenv(masterKeyVar) == "" && os.Getenv(nextKeyVar) != "" {
		return fmt.Errorf("%s follows %s, which is not set: set it to the key there is (that of the data directory is in %s), or neither for a fresh key there",
			nextKeyVar, masterKeyVar, filepath.Join(c.Data, masterKeyFile))
	}
	pool, err := c.pool(ctx, c.Data)
	if err != nil {
		return err
	}
	defer pool.Close()
	old, err := masterKey(c.Data)
	if err != nil {
		return err
	}
	if os.Getenv(masterKeyVar) == "" {
		return c.rotateFile(ctx, t, pool, old)
	}
	next, err := vault.ParseMasterKey(os.Getenv(nextKeyVar))
	if err != nil {
		return fmt.Errorf("%s: %w", nextKeyVar, err)
	}
	if err := rotate(ctx, pool, old, next); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "the keys are wrapped anew: set %s to what %s is now, and start playcast again\n", masterKeyVar, nextKeyVar)
	return err
}

func (c *vaultCommand) rotateFile(ctx context.Context, t *terminal, pool *pgxpool.Pool, old vault.MasterKey) error {
	file := filepath.Join(c.Data, masterKeyFile)
	next, err := vault.KeepMasterKey(file + ".next")
	if err != nil {
		return err
	}
	if err := rotate(ctx, pool, old, next); err != nil {
		return err
	}
	if err := os.Rename(file+".next", file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "the keys are wrapped anew: %s is another one. Start each playcast that runs again: until then it can read nothing personal\n", file)
	return err
}

// rotate does nothing where it was done before.
func rotate(ctx context.Context, pool *pgxpool.Pool, old, next vault.MasterKey) error {
	if _, err := vault.Open(ctx, pool, next); err == nil {
		return nil
	}
	v, err := vault.Open(ctx, pool, old)
	if err != nil {
		return err
	}
	return v.Rotate(ctx, next)
}
