package game

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/events"
)

// homeWithin is how long a game waits for its home, which another session of
// the player's may just be leaving.
const (
	homeWithin = 5 * time.Second
	homeEvery  = 50 * time.Millisecond
)

// errHomeTaken refuses a second game on the same saves.
var errHomeTaken = errors.New("its saves are in use by another session of the same player: end that one first")

// home is a player's directory for a game, held by one session at a time.
type home struct {
	path string
	lock *os.File // the kernel gives it up with the process, too; nil: the caller holds it
}

// openHome makes the player's home for the game and takes hold of it, unless
// the caller has done that, and writes the files of the entry that are not
// there.
func (l *Launcher) openHome(launch Launch) (_ *home, err error) {
	h := &home{path: launch.Home}
	if h.path == "" {
		if h, err = l.holdHome(launch); err != nil {
			return nil, err
		}
	}
	if err := h.furnish(launch.Entry.Files); err != nil {
		return nil, errors.Join(fmt.Errorf("make the home: %w", err), h.close())
	}
	return h, nil
}

func (l *Launcher) holdHome(launch Launch) (_ *home, err error) {
	// The ids become a path here, so their form is checked here.
	if _, err := events.ParsePlayerID(string(launch.Player)); err != nil {
		return nil, err
	}
	if _, err := events.ParseGameID(string(launch.Entry.ID)); err != nil {
		return nil, err
	}
	h := &home{path: filepath.Join(l.cfg.DataDir, string(launch.Player), string(launch.Entry.ID))}
	if err := os.MkdirAll(h.path, 0o700); err != nil {
		return nil, fmt.Errorf("make the home: %w", err)
	}
	if h.lock, err = hold(h.path + ".lock"); err != nil {
		return nil, err
	}
	return h, nil
}

// hold takes an exclusive lock on a file, if it gets it in time.
func hold(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the home: %w", err)
	}
	for deadline := time.Now().Add(homeWithin); ; time.Sleep(homeEvery) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return file, nil
		case !errors.Is(err, unix.EWOULDBLOCK):
			return nil, errors.Join(fmt.Errorf("lock the home: %w", err), file.Close())
		case time.Now().After(deadline):
			return nil, errors.Join(errHomeTaken, file.Close())
		}
	}
}

func (h *home) furnish(files map[string]string) error {
	root, err := os.OpenRoot(h.path)
	if err != nil {
		return err
	}
	// The game may have put links there: root keeps to the home.
	defer root.Close()
	for path, content := range files {
		if _, err := root.Stat(path); err == nil {
			continue
		}
		if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := root.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// close lets another session have the home. It may be called again.
func (h *home) close() error {
	if h.lock == nil {
		return nil
	}
	if err := h.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("give up the home: %w", err)
	}
	return nil
}
