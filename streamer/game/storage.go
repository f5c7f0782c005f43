package game

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A home is a folder of the host's disk, which nothing but a look now and then
// keeps from growing: the kernel bounds a file (RLIMIT_FSIZE), and a folder only
// on some file systems. A look takes microseconds for the few files of most
// games; with more it is taken less often, so that it costs a tenth of a core
// at most.
const (
	storageEvery = 200 * time.Millisecond
	storageShare = 10
	// maxFiles is what a home holds: a file takes space beside its content.
	maxFiles = 50_000
	// diskReserve is what is left to the host, whoever has used the rest.
	diskReserve = 512 * MiB
	// writing is how much a game writes between two looks that uses up a disk.
	writing = 4 * MiB
)

// ErrStorage is why a game is ended that keeps more than it may.
var ErrStorage = errors.New("too much is kept in the game's home")

// storage watches a game's home.
type storage struct {
	home    string
	limit   Size
	inside  func() ([]process, error)
	written Size // by the processes of the last look
}

// watch looks until the game has ended, or keeps too much, which is its end.
// It is the process's own goroutine.
func (p *Process) watch(limit Size) {
	defer close(p.watched)
	s := &storage{home: p.home.path, limit: limit, inside: p.processes}
	pause := time.NewTimer(storageEvery)
	defer pause.Stop()
	for {
		select {
		case <-p.child.done:
			return
		case <-pause.C:
		}
		began := time.Now()
		if err := s.look(); err != nil {
			p.child.blame(err)
			return
		}
		pause.Reset(max(storageEvery, storageShare*time.Since(began)))
	}
}

// look returns an error that wraps ErrStorage where there is too much.
func (s *storage) look() error {
	used, files, err := s.kept()
	if err != nil {
		return err
	}
	hidden, written := s.held()
	used += hidden
	grown := written - s.written
	s.written = written
	if used > s.limit {
		return fmt.Errorf("%w: it may be %s (limits: storage)", ErrStorage, s.limit)
	}
	if files > maxFiles {
		return fmt.Errorf("%w: it may be %d files", ErrStorage, maxFiles)
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(s.home, &disk); err != nil {
		return fmt.Errorf("look at the disk: %w", err)
	}
	if free := Size(disk.Bavail) * Size(disk.Bsize); free < diskReserve && grown > writing {
		return fmt.Errorf("%w: the disk has only %s left, and the game goes on writing", ErrStorage, free)
	}
	return nil
}

// kept is what the home's files take of the disk. It counts no further than it
// has to.
func (s *storage) kept() (used Size, files int, err error) {
	err = filepath.WalkDir(s.home, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			var info fs.FileInfo
			if info, err = entry.Info(); err == nil {
				used += blocks(info)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the game removes what we look at
		}
		if files++; files > maxFiles || used > s.limit {
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("look at the game's home: %w", err)
	}
	return used, files, nil
}

func blocks(info fs.FileInfo) Size {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Size(info.Size())
	}
	return Size(stat.Blocks) * 512
}

// held is what files take that are removed from the home and still open, and
// what the processes have written since their start. What can't be seen has
// ended meanwhile.
func (s *storage) held() (hidden, written Size) {
	processes, err := s.inside()
	if err != nil {
		return 0, 0
	}
	type file struct{ device, inode uint64 }
	seen := map[file]bool{}
	for _, p := range processes {
		written += writtenBy(p.PID)
		folder := filepath.Join("/proc", strconv.Itoa(p.PID), "fd")
		names, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, name := range names {
			var stat unix.Stat_t
			if unix.Stat(filepath.Join(folder, name.Name()), &stat) != nil || stat.Nlink > 0 || stat.Mode&unix.S_IFMT != unix.S_IFREG {
				continue
			}
			if id := (file{stat.Dev, stat.Ino}); !seen[id] {
				seen[id] = true
				hidden += Size(stat.Blocks) * 512
			}
		}
	}
	return hidden, written
}

// writtenBy is what a process has sent to disks (proc_pid_io(5)).
func writtenBy(pid int) Size {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "io"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "\nwrite_bytes: ")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return 0
	}
	return Size(n)
}
