package eventlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// version names the layout of the directory and the form of what is in it.
// A directory of versionUnlinked lacks the system streams and becomes one of
// ours when it is opened.
const (
	version         = "playcast-node 2"
	versionUnlinked = "playcast-node 1"
)

const (
	lockFile    = "LOCK"
	versionFile = "VERSION"
	pebbleDir   = "log"
)

// Reasons why a directory can't be opened.
var (
	ErrInUse   = errors.New("the directory is in use by another process")
	ErrVersion = errors.New("the directory was written by another version of the node")
)

// lockDir makes the directory where it is missing and takes its lock, which
// the kernel frees when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w: stop that process or choose another directory", dir, ErrInUse)
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return f, nil
}

// checkVersion compares the directory's version with ours, and writes ours in
// a directory that holds no log yet. The version is there, synced, before the
// first byte of the log. It returns the version found.
func checkVersion(dir string) (string, error) {
	path := filepath.Join(dir, versionFile)
	found, err := os.ReadFile(path)
	switch {
	case err == nil:
		got := strings.TrimSpace(string(found))
		if got != version && got != versionUnlinked {
			return "", fmt.Errorf("%s: %w: it holds %.64q, this node reads %q", dir, ErrVersion, got, version)
		}
		return got, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, pebbleDir)); err == nil {
		return "", fmt.Errorf("%s: %w: it holds a log without a version, this node reads %q", dir, ErrVersion, version)
	}
	return version, writeVersion(dir)
}

// writeVersion says that the directory is of this version.
func writeVersion(dir string) error {
	return writeSynced(filepath.Join(dir, versionFile), version+"\n")
}

func writeSynced(path, content string) error {
	temporary := path + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
