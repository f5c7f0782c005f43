package saves

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// state is what is known of a home between sessions, and after a kill.
type state struct {
	Base Version `json:"base"` // what the home comes from, or is; empty: from nothing stored
	// Print is of the home when it was last brought here or captured, which was
	// at SafeAt. A home that has it is safe.
	Print  string    `json:"print"`
	SafeAt time.Time `json:"safeAt"`
	// Rest is of the home when it was last seen at rest.
	Rest string `json:"rest,omitempty"`
	// Restless: the game does not come to rest, so that what it leaves can't be
	// told whole from torn.
	Restless bool `json:"restless,omitempty"`
	// Torn: the home is not to be played on with, but what is safe.
	Torn bool `json:"torn,omitempty"`
	// Boot is the run of the machine in which the home was this. What is on the
	// disk in the next one is not certain to be what was written.
	Boot string `json:"boot"`
}

// desk is the directory beside a home, with the state and the captures that
// are on their way to the store.
type desk struct {
	dir   string
	boot  string // this run of the machine
	state state
}

const (
	stateFile = "state.json"
	// what is not finished, and cleared away by the next who opens the desk
	unfinished = "new-"
)

// openDesk makes the directory where it is missing, clears away what was not
// finished, and reads the state. A state that can't be read is none: the home
// counts as changed then, and is captured.
func openDesk(dir string) (*desk, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(dir, unfinished+"*"))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		if err := removeAll(path); err != nil {
			return nil, err
		}
	}
	d := &desk{dir: dir}
	if d.boot, err = bootID(); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if json.Unmarshal(data, &d.state) != nil {
		d.state = state{}
	}
	return d, nil
}

// note keeps the state, whole or as it was.
func (d *desk) note(change func(*state)) error {
	next := d.state
	change(&next)
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(d.dir, stateFile), data); err != nil {
		return err
	}
	d.state = next
	return nil
}

// writeFile replaces a file at once.
func writeFile(path string, data []byte) error {
	beside := filepath.Join(filepath.Dir(path), unfinished+filepath.Base(path))
	file, err := os.OpenFile(beside, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

func bootID() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read the boot id: %w", err)
	}
	return strings.TrimSpace(string(boot)), nil
}

// sameBoot says whether the home was looked at since the machine has started.
func (d *desk) sameBoot() bool { return d.boot == d.state.Boot }

// capture packs the home, as it was seen, into the desk. If it has changed
// since, or changes meanwhile, it gives up with errChanged; unless that is to
// be expected of its game: then a file or two may be of another moment.
func (d *desk) capture(home string, seen *scan, n Note, limits Limits) (Note, error) {
	n, err := d.pack(home, n, seen)
	if err != nil {
		return n, err
	}
	after, err := look(home, limits)
	if err == nil && after.print != seen.print && !d.state.Restless {
		err = errChanged
	}
	if err != nil {
		return n, errors.Join(err, os.Remove(d.unfinished(n)))
	}
	return n, d.finish(n)
}

func (d *desk) pack(home string, n Note, s *scan) (Note, error) {
	n.Format, n.Version.ID = noteFormat, newID()
	n.Content = Content{Bytes: s.bytes, Files: len(s.entries), Skipped: s.skipped}
	file, err := os.OpenFile(d.unfinished(n), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return n, err
	}
	summed := &digest{to: file, sum: sha256.New()}
	skipped, err := pack(summed, home, s, d.state.Restless)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return n, errors.Join(err, os.Remove(d.unfinished(n)))
	}
	n.Content.Skipped += skipped
	n.SHA256, n.Size = hex.EncodeToString(summed.sum.Sum(nil)), summed.bytes
	return n, nil
}

// finish has the archive wait to be stored; with its note it counts.
func (d *desk) finish(n Note) error {
	if err := os.Rename(d.unfinished(n), d.archive(n)); err != nil {
		return err
	}
	data, err := n.encode()
	if err != nil {
		return err
	}
	return writeFile(d.noteFile(n), data)
}

func (d *desk) unfinished(n Note) string { return filepath.Join(d.dir, unfinished+n.Version.ID) }
func (d *desk) archive(n Note) string    { return filepath.Join(d.dir, n.Version.ID+archiveEnd) }
func (d *desk) noteFile(n Note) string   { return filepath.Join(d.dir, n.Version.ID+".note.json") }

// waiting returns what is on its way to the store, the earliest first.
func (d *desk) waiting() ([]Note, error) {
	paths, err := filepath.Glob(filepath.Join(d.dir, "*.note.json"))
	if err != nil {
		return nil, err
	}
	var notes []Note
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		n, err := decodeNote(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		notes = append(notes, n)
	}
	slices.SortFunc(notes, func(a, b Note) int { return a.Version.At.Compare(b.Version.At) })
	return notes, nil
}

// drop removes what is stored, or will not be: the note first.
func (d *desk) drop(n Note) error {
	if err := os.Remove(d.noteFile(n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(d.archive(n))
}

// thin drops what later captures have made needless, so that what waits while
// the store can't be reached is bounded: of automatic ones the last stays, if
// no clean one follows, of clean ones the last, and a few that are put aside.
func (d *desk) thin(keep int) error {
	notes, err := d.waiting()
	if err != nil {
		return err
	}
	count := map[Kind]int{}
	var errs []error
	for _, n := range slices.Backward(notes) {
		kind := n.Version.Kind
		count[kind]++
		most := 1
		if kind == Aside {
			most = keep
		}
		if count[kind] > most || kind == Auto && count[Clean] > 0 {
			errs = append(errs, d.drop(n))
		}
	}
	return errors.Join(errs...)
}

// replace puts a directory in the place of the home, at once where the file
// system can do that. What was the home is removed.
func (d *desk) replace(home, with string) error {
	err := unix.Renameat2(unix.AT_FDCWD, with, unix.AT_FDCWD, home, unix.RENAME_EXCHANGE)
	switch {
	case err == nil:
		return removeAll(with)
	case errors.Is(err, unix.ENOENT):
		return os.Rename(with, home)
	case !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOSYS):
		return err
	}
	old := with + "-old"
	if err := os.Rename(home, old); err != nil {
		return err
	}
	if err := os.Rename(with, home); err != nil {
		return errors.Join(err, os.Rename(old, home))
	}
	return removeAll(old)
}

// removeAll removes directories too that a game has closed to itself.
func removeAll(path string) error {
	if os.RemoveAll(path) == nil {
		return nil
	}
	err := filepath.WalkDir(path, func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() {
			return os.Chmod(path, 0o700) // before it is read
		}
		return nil
	})
	return errors.Join(err, os.RemoveAll(path))
}
