package eventlog

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrFull is the answer to an append that finds no room on the disk. Nothing
// of it is written, and appends go on when there is room again.
var ErrFull = errors.New("the disk is full")

// room keeps the last of a disk free. What Pebble writes by itself, to turn its
// write-ahead log into tables, fits in there, so that a full disk is met
// before a write fails: what fails half done can't be taken back. Only the
// writer touches it.
type room struct {
	fs   vfs.FS
	dir  string
	left uint64    // bytes that may be written before the disk is looked at again
	seen time.Time // when it was looked at
}

const (
	reserveMost  = 128 << 20 // kept free, where the disk is not small
	reserveShare = 8         // of a small one, this part is
	lookBytes    = 16 << 20  // the disk is looked at after so many bytes,
	lookEvery    = time.Second
)

// take says whether the bytes may be written.
func (r *room) take(bytes uint64) error {
	if bytes <= r.left && time.Since(r.seen) < lookEvery {
		r.left -= bytes
		return nil
	}
	usage, err := r.fs.GetDiskUsage(r.dir)
	if errors.Is(err, vfs.ErrUnsupported) {
		return nil // a file system that can't be asked is tried
	}
	if err != nil {
		return fmt.Errorf("look how full the disk is: %w", err)
	}
	reserve := min(reserveMost, usage.TotalBytes/reserveShare)
	if usage.AvailBytes < reserve+bytes {
		r.left = 0
		return fmt.Errorf("%w: %s has %d MiB left, and the last %d MiB are kept for what is stored already: "+
			"nothing was appended; make room there, and append again",
			ErrFull, r.dir, usage.AvailBytes>>20, reserve>>20)
	}
	r.seen, r.left = time.Now(), min(lookBytes, usage.AvailBytes-reserve-bytes)
	return nil
}

// openBytes is what Pebble writes when it opens, beside its tables.
const openBytes = 1 << 20

// opens says whether there is room for what Pebble writes when it opens to be
// written: tables, of all that a crash has left in the write-ahead log. On a
// disk that takes nothing it would try that for ever.
func (r *room) opens() error {
	usage, err := r.fs.GetDiskUsage(r.dir)
	if errors.Is(err, vfs.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look how full the disk is: %w", err)
	}
	logs := r.fs.PathJoin(r.dir, pebbleDir)
	names, err := r.fs.List(logs)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("list the write-ahead log: %w", err)
	}
	wanted := uint64(openBytes)
	for _, name := range names {
		if !strings.HasSuffix(name, ".log") {
			continue
		}
		info, err := r.fs.Stat(r.fs.PathJoin(logs, name))
		if err != nil {
			return fmt.Errorf("look at the write-ahead log: %w", err)
		}
		wanted += uint64(info.Size())
	}
	if usage.AvailBytes < wanted {
		return fmt.Errorf("%w: %s has %d KiB left, and %d KiB are wanted to open the log for appends: make room there, and append again",
			ErrFull, r.dir, usage.AvailBytes>>10, wanted>>10)
	}
	return nil
}
