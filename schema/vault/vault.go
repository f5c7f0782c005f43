// Package vault keeps the keys with which what is personal is sealed in events,
// one a player, each wrapped by the master key. To erase a key is to erase the
// player: what it sealed is never opened again, in the log or in any copy of it.
//
//	master key (a file, or the environment) ──wraps──▶ player's key (vault.key) ──seals──▶ events
//
// The database has to be backed up with the log, and a backup of it that is
// older than an erasure still has the wrapped key: whoever keeps both such a
// backup and the master key keeps the player, too.
//
// No process keeps a key: an erasure holds at once, and everywhere. So while the
// database is away nothing personal is sealed or opened; all else goes on.
package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
)

// What the vault refuses.
var (
	ErrMasterKey = errors.New("the master key is not the one that the vault was locked with: " +
		"restore the file master-key of the data directory, or set PLAYCAST_MASTER_KEY to the right key")
	ErrErased = errors.New("the player is erased: their key is destroyed, and none is made anew")
)

// Vault gives players' keys. Several processes may use one at once.
type Vault struct {
	pool   *pgxpool.Pool
	master MasterKey
}

// Open returns the vault in a database to which schema.Apply was applied, locked
// with the master key from the first time on. ErrMasterKey: with another. The
// pool stays the caller's.
func Open(ctx context.Context, pool *pgxpool.Pool, master MasterKey) (*Vault, error) {
	v := &Vault{pool: pool, master: master}
	mark, err := master.wrap(nil, marking)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, "INSERT INTO vault.master (mark) VALUES ($1) ON CONFLICT DO NOTHING", mark); err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	if err := v.unlocked(ctx, pool, "SELECT mark FROM vault.master"); err != nil {
		return nil, err
	}
	return v, nil
}

// marking is what the mark of the master key is wrapped for. No player has that
// name.
const marking = "MASTER"

type querier interface {
	QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row
}

// unlocked fails where the mark that is read is of another master key.
func (v *Vault) unlocked(ctx context.Context, q querier, read string) error {
	var mark []byte
	if err := q.QueryRow(ctx, read).Scan(&mark); err != nil {
		return fmt.Errorf("open the vault: %w", err)
	}
	_, err := v.master.unwrap(mark, marking)
	return err
}

// Key returns a player's key, and makes it where there is none yet. ErrErased:
// there was one.
func (v *Vault) Key(ctx context.Context, player events.PlayerID) (events.SealingKey, error) {
	key, err := v.find(ctx, player)
	if !errors.Is(err, pgx.ErrNoRows) {
		return key, err
	}
	if err := v.make(ctx, player); err != nil {
		return events.SealingKey{}, err
	}
	return v.find(ctx, player) // it may be another's who made one at the moment
}

func (v *Vault) find(ctx context.Context, player events.PlayerID) (events.SealingKey, error) {
	var wrapped []byte
	if err := v.pool.QueryRow(ctx, "SELECT wrapped FROM vault.key WHERE player_id = $1", player).Scan(&wrapped); err != nil {
		return events.SealingKey{}, fmt.Errorf("read a player's key: %w", err)
	}
	if wrapped == nil {
		return events.SealingKey{}, ErrErased
	}
	key, err := v.master.unwrap(wrapped, string(player))
	if err != nil {
		return events.SealingKey{}, err
	}
	return events.SealingKey(key), nil
}

// make keeps the master key from being changed meanwhile.
func (v *Vault) make(ctx context.Context, player events.PlayerID) error {
	if _, err := events.ParsePlayerID(string(player)); err != nil {
		return err
	}
	var key events.SealingKey
	if _, err := rand.Read(key[:]); err != nil {
		return err
	}
	wrapped, err := v.master.wrap(key[:], string(player))
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if err := v.unlocked(ctx, tx, "SELECT mark FROM vault.master FOR SHARE"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO vault.key (player_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING", player, wrapped)
		return err
	})
}

// Erase destroys a player's key, and keeps one from ever being made. It returns
// when it was destroyed, which another erasure does not change. The table is
// written anew, so that no file of it has the key any more.
func (v *Vault) Erase(ctx context.Context, player events.PlayerID) (time.Time, error) {
	if _, err := events.ParsePlayerID(string(player)); err != nil {
		return time.Time{}, err
	}
	var at time.Time
	err := v.pool.QueryRow(ctx, `INSERT INTO vault.key (player_id, erased_at) VALUES ($1, now())
		ON CONFLICT (player_id) DO UPDATE SET wrapped = NULL, erased_at = coalesce(vault.key.erased_at, now())
		RETURNING erased_at`, player).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("destroy a player's key: %w", err)
	}
	if _, err := v.pool.Exec(ctx, "VACUUM (FULL) vault.key"); err != nil {
		return time.Time{}, fmt.Errorf("clear away a destroyed key: %w", err)
	}
	return at.UTC().Truncate(time.Millisecond), nil
}

// Open returns the text of sealed data. ErrErased: nobody can read it any more.
func (v *Vault) Open(ctx context.Context, sealed events.Sealed) ([]byte, error) {
	key, err := v.find(ctx, sealed.Player)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, events.ErrSealed
	}
	if err != nil {
		return nil, err
	}
	return sealed.Open(key)
}

// Rotate wraps every key anew, all or none. Processes that still have the old
// master key get ErrMasterKey from then on.
func (v *Vault) Rotate(ctx context.Context, to MasterKey) error {
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if err := v.unlocked(ctx, tx, "SELECT mark FROM vault.master FOR UPDATE"); err != nil {
			return err
		}
		mark, err := to.wrap(nil, marking)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE vault.master SET mark = $1", mark); err != nil {
			return err
		}
		return v.rewrap(ctx, tx, to)
	})
	if err != nil {
		return fmt.Errorf("change the master key: %w", err)
	}
	v.master = to
	return nil
}

// rewrap takes the keys a thousand at a time.
func (v *Vault) rewrap(ctx context.Context, tx pgx.Tx, to MasterKey) error {
	type row struct {
		Player  string
		Wrapped []byte
	}
	for after := ""; ; {
		found, err := tx.Query(ctx, `SELECT player_id, wrapped FROM vault.key
			WHERE wrapped IS NOT NULL AND player_id > $1 ORDER BY player_id LIMIT 1000 FOR UPDATE`, after)
		if err != nil {
			return err
		}
		rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[row])
		if err != nil || len(rows) == 0 {
			return err
		}
		batch := &pgx.Batch{}
		for _, r := range rows {
			key, err := v.master.unwrap(r.Wrapped, r.Player)
			if err != nil {
				return err
			}
			wrapped, err := to.wrap(key, r.Player)
			if err != nil {
				return err
			}
			batch.Queue("UPDATE vault.key SET wrapped = $2 WHERE player_id = $1", r.Player, wrapped)
			after = r.Player
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
	}
}
