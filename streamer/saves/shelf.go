package saves

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage"
)

// shelf is where the store keeps the versions of one player's game.
type shelf struct {
	store  storage.Store
	folder string
	keep   int // clean versions, and as many that are put aside
}

func newShelf(store storage.Store, player events.PlayerID, game events.GameID, keep int) shelf {
	return shelf{store: store, folder: folderOf(player, game), keep: keep}
}

// An archive without a note is on its way for at most this long.
const onItsWay = 24 * time.Hour

// The automatic versions that are kept beyond the last clean one.
const keepAuto = 2

var (
	// ErrUnreachable: the store does not answer as it should.
	ErrUnreachable = errors.New("the store of saves can't be reached")
	// errDamaged: an archive or its note is not what was stored.
	errDamaged = errors.New("it is damaged")
)

// contents is what lies on a shelf.
type contents struct {
	versions []Version // the latest first
	archives []storage.Object
}

func (s shelf) list(ctx context.Context) (contents, error) {
	objects, err := s.store.List(ctx, s.folder)
	if err != nil {
		return contents{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	var c contents
	for _, object := range objects {
		if v, ok := versionOfKey(s.folder, object.Key); ok {
			c.versions = append(c.versions, v)
		} else if strings.HasSuffix(object.Key, archiveEnd) {
			c.archives = append(c.archives, object)
		}
	}
	slices.SortFunc(c.versions, later)
	return c, nil
}

// note reads what is said of a version.
func (s shelf) note(ctx context.Context, v Version) (Note, error) {
	r, _, err := s.store.Open(ctx, noteKey(s.folder, v))
	if err != nil {
		return Note{}, unreachable(err)
	}
	data, err := io.ReadAll(io.LimitReader(r, longestNote+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return Note{}, unreachable(err)
	}
	n, err := decodeNote(data)
	if err == nil && (n.Version.ID != v.ID || n.Version.Kind != v.Kind) {
		err = errors.New("the note is of another version")
	}
	if err != nil {
		return Note{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return n, nil
}

// unreachable tells what is not there, which a version with a note is not
// supposed to be, from a store that fails.
func unreachable(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// fetch unpacks a version into an empty directory. An error may leave
// something there.
func (s shelf) fetch(ctx context.Context, v Version, dir string, limits Limits) (Note, error) {
	n, err := s.note(ctx, v)
	if err != nil {
		return n, err
	}
	archive, object, err := s.store.Open(ctx, archiveKey(s.folder, v))
	if err != nil {
		return n, unreachable(err)
	}
	defer archive.Close()
	if object.Size != n.Size {
		return n, fmt.Errorf("%w: its archive has %d bytes, not %d", errDamaged, object.Size, n.Size)
	}
	return n, unpackWhole(archive, n, dir, limits)
}

// unpackWhole unpacks an archive and compares its checksum.
func unpackWhole(archive io.Reader, n Note, dir string, limits Limits) error {
	source := &source{from: archive}
	sum := sha256.New()
	err := unpack(io.TeeReader(source, sum), dir, limits)
	if source.err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, source.err)
	}
	if errors.Is(err, errArchive) || errors.Is(err, ErrTooLarge) {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err == nil {
		_, err = io.Copy(sum, source) // what the compression did not want
	}
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != n.SHA256 {
		return fmt.Errorf("%w: its checksum is %s, not %s", errDamaged, got, n.SHA256)
	}
	return nil
}

// source remembers what reading has failed with, beside its end.
type source struct {
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// put stores an archive, and then its note.
func (s shelf) put(ctx context.Context, n Note, archive string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	err = s.store.Put(ctx, archiveKey(s.folder, n.Version), file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return s.putNote(ctx, n)
}

func (s shelf) putNote(ctx context.Context, n Note) error {
	data, err := n.encode()
	if err != nil {
		return err
	}
	if err := s.store.Put(ctx, noteKey(s.folder, n.Version), bytes.NewReader(data)); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return nil
}

// tidy removes the versions that are not kept, and archives that nothing
// speaks of. The latest that is not put aside always stays.
func (s shelf) tidy(ctx context.Context, c contents, now time.Time) error {
	kept := map[string]bool{}
	var errs []error
	count, clean := map[Kind]int{}, false
	for _, v := range c.versions {
		count[v.Kind]++
		keep := count[v.Kind] <= s.keep
		if v.Kind == Auto {
			keep = !clean && count[Auto] <= keepAuto
		}
		clean = clean || v.Kind == Clean
		if !keep {
			if err := s.store.Delete(ctx, noteKey(s.folder, v)); err != nil {
				errs, keep = append(errs, err), true // for now
			}
		}
		if keep {
			kept[v.ID] = true
		}
	}
	for _, object := range c.archives {
		id := strings.TrimSuffix(strings.TrimPrefix(object.Key, s.folder), archiveEnd)
		spoken := slices.ContainsFunc(c.versions, func(v Version) bool { return v.ID == id })
		if !kept[id] && (spoken || now.Sub(object.Modified) > onItsWay) {
			errs = append(errs, s.store.Delete(ctx, object.Key))
		}
	}
	return errors.Join(errs...)
}
