package game

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
	s := &storage{home: p.home, limit: limit, inside: p.processes}
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
	home, err := os.Open(s.home)
	if err == nil {
		c := counter{most: s.limit}
		err = errors.Join(c.folder(home, 0), home.Close())
		used, files = c.used, c.files
	}
	if err != nil {
		return 0, 0, fmt.Errorf("look at the game's home: %w", err)
	}
	return used, files, nil
}

// deepest is how many folders may lie in one another: each that is looked into
// is held open.
const deepest = 128

// counter counts what lies in a home, which a game changes meanwhile: it is led
// out of it by no link, and waits for no pipe that was a folder a moment ago.
type counter struct {
	most  Size
	used  Size
	files int
}

func (c *counter) full() bool { return c.files > maxFiles || c.used > c.most }

func (c *counter) folder(folder *os.File, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%w: there may be %d folders in one another", ErrStorage, deepest)
	}
	for !c.full() {
		names, err := folder.Readdirnames(256)
		for _, name := range names {
			if err := c.entry(folder, name, depth); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *counter) entry(folder *os.File, name string, depth int) error {
	var stat unix.Stat_t
	err := unix.Fstatat(int(folder.Fd()), name, &stat, unix.AT_SYMLINK_NOFOLLOW)
	if c.full() || gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	c.files++
	c.used += Size(stat.Blocks) * 512
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil
	}
	inner, err := openFolder(folder, name)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer inner.Close()
	return c.folder(inner, depth+1)
}

// openFolder opens what may not be a folder any more, which it says at once.
func openFolder(in *os.File, name string) (*os.File, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	fd, err := unix.Openat(int(in.Fd()), name, flags, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// gone says that a game has removed what is looked at, or has put something else
// there.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP)
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
