package saves

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/playcast/playcast/events"
)

// Erase removes all versions of a player's saves from the store, and their homes
// from this worker. ErrTaken: a session has one of them; nothing was removed. It
// can be called again at any time.
func (k *Keeper) Erase(ctx context.Context, player events.PlayerID) (err error) {
	if _, err := events.ParsePlayerID(string(player)); err != nil {
		return err
	}
	dir := filepath.Join(k.cfg.Dir, string(player))
	locks, err := filepath.Glob(filepath.Join(dir, "*"+lockEnd))
	if err != nil {
		return err
	}
	for _, lock := range locks {
		h, err := k.newHome(player, events.GameID(filepath.Base(strings.TrimSuffix(lock, lockEnd))))
		if err != nil {
			continue // no home's
		}
		if err := h.hold(0, func() {}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, h.free()) }()
	}
	objects, err := k.cfg.Store.List(ctx, "players/"+string(player)+"/")
	if err != nil {
		return unreachable(err)
	}
	for _, object := range objects {
		if err := k.cfg.Store.Delete(ctx, object.Key); err != nil {
			return unreachable(err)
		}
	}
	return empty(dir)
}

// empty removes all of a player's homes but the locks, for which a session may
// be waiting.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), lockEnd) {
			err = errors.Join(err, removeAll(filepath.Join(dir, entry.Name())))
		}
	}
	return err
}
