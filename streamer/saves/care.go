package saves

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage"
)

// ErrNoVersion: nothing of that name is stored.
var ErrNoVersion = errors.New("there is no such version of saves")

// List returns what is stored of a player's game, of all of a player's games, or
// of everybody: an empty id stands for all. Of each game the latest version is
// first. What can't be read is left out, and told in the error.
func List(ctx context.Context, store storage.Store, player events.PlayerID, game events.GameID) ([]Note, error) {
	prefix := "players/"
	if player != "" {
		prefix += string(player) + "/"
		if game != "" {
			prefix = folderOf(player, game)
		}
	}
	objects, err := store.List(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var notes []Note
	var errs []error
	for _, object := range slices.Backward(objects) {
		folder := object.Key[:strings.LastIndexByte(object.Key, '/')+1]
		v, ok := versionOfKey(folder, object.Key)
		if !ok {
			continue
		}
		n, err := shelf{store: store, folder: folder}.note(ctx, v)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", object.Key, err))
			continue
		}
		notes = append(notes, n)
	}
	slices.SortStableFunc(notes, func(a, b Note) int {
		return strings.Compare(folderOf(a.Player, a.Game), folderOf(b.Player, b.Game))
	})
	return notes, errors.Join(errs...)
}

// Export writes a version's archive, a tar that is compressed by Zstandard, and
// fails at the end if it is not what was stored.
func Export(ctx context.Context, store storage.Store, player events.PlayerID, game events.GameID, v Version, to io.Writer) error {
	s := newShelf(store, player, game, 0)
	n, err := s.note(ctx, v)
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrNoVersion, v)
	}
	if err != nil {
		return err
	}
	archive, _, err := store.Open(ctx, archiveKey(s.folder, v))
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(to, sum), archive)
	if err = errors.Join(err, archive.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != n.SHA256 {
		return fmt.Errorf("%w: its checksum is %s, not %s", errDamaged, got, n.SHA256)
	}
	return nil
}

// Restore has a version go on, whatever has been stored since, and returns the
// name that it has as the latest. Nothing is removed.
func Restore(ctx context.Context, store storage.Store, player events.PlayerID, game events.GameID, v Version) (Version, error) {
	if err := Export(ctx, store, player, game, v, io.Discard); err != nil {
		return v, err // what is damaged would only be passed over
	}
	s := newShelf(store, player, game, 0)
	n, err := s.note(ctx, v)
	if err != nil {
		return v, err
	}
	c, err := s.list(ctx)
	if err != nil {
		return v, err
	}
	last, _ := head(c.versions)
	// A second note of the same archive.
	n.Why, n.Base = "restored from "+v.String(), last
	n.Version = Version{Number: last.Number + 1, At: time.Now().UTC().Truncate(time.Millisecond), Kind: Clean, ID: v.ID}
	return n.Version, s.putNote(ctx, n)
}
