package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// InUseError says that a living playcast has the directory.
type InUseError struct {
	Lock string // the file it holds
	PID  string // the process it wrote there; empty if unknown
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("another playcast (process %s) uses this data directory (it holds %s): "+
		"stop it, or choose another directory with --data", e.PID, e.Lock)
}

// takeLock holds the file for this process. The kernel lets go of it when the
// process ends, however it ends.
func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		pid, _ := io.ReadAll(io.LimitReader(f, 20)) // only for the message
		return nil, &InUseError{Lock: path, PID: strings.TrimSpace(string(pid))}
	}
	if err := writePID(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

// syncDir makes a rename in the directory durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
