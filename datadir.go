package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dataVersion is the version of the data directory's layout.
const dataVersion = "playcast data 1"

// dataDir is a locked data directory.
type dataDir struct {
	lock *os.File
}

// openDataDir makes the directory where it is missing, locks it for this
// process, and checks that it is of this version. The kernel frees the lock
// however the process ends.
func openDataDir(path string) (*dataDir, error) {
	// The database's own user has to get through to its directory.
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("the data directory %s is in use by another playcast: stop that one, or name another directory with --data", path)
	}
	if err == nil {
		err = checkVersion(filepath.Join(path, "VERSION"))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &dataDir{lock: lock}, nil
}

func checkVersion(path string) error {
	found, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return os.WriteFile(path, []byte(dataVersion+"\n"), 0o644)
	}
	if err != nil {
		return fmt.Errorf("read the data directory's version: %w", err)
	}
	if got := strings.TrimSpace(string(found)); got != dataVersion {
		return fmt.Errorf("the data directory is of version %q, and this playcast reads %q: start the playcast that wrote it, or name another directory with --data", got, dataVersion)
	}
	return nil
}

func (d *dataDir) Close() error { return d.lock.Close() }
