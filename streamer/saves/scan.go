package saves

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Limits bound what is kept of one home.
type Limits struct {
	Bytes int64 // of all files together; 0: 1 GiB
	Files int   // with directories and links; 0: 100,000
}

func (l Limits) orDefault() Limits {
	return Limits{Bytes: cmp.Or(l.Bytes, 1<<30), Files: cmp.Or(l.Files, 100_000)}
}

// ErrTooLarge refuses to keep a home, or to unpack an archive, beyond the
// limits.
var ErrTooLarge = errors.New("the saves are too large")

// cacheDir is what a game can make again, by the XDG base directory
// specification: it is not kept.
const cacheDir = ".cache"

// deepest bounds how many directories lie in one another.
const deepest = 64

// entry is a file, directory or link of a home.
type entry struct {
	path  string // from the home, with slashes
	mode  fs.FileMode
	size  int64
	link  string // where a link leads
	mtime time.Time
}

// scan is what a home holds at a moment.
type scan struct {
	entries []entry
	print   string    // the same while nothing has changed
	newest  time.Time // when something has changed last
	bytes   int64
	skipped int // neither file, directory nor link within, or can't be read
}

// look reads a home's entries, in the order of their paths, without their
// content. A home that is not there is an empty one.
func look(home string, limits Limits) (*scan, error) {
	root, err := os.OpenRoot(home)
	if errors.Is(err, fs.ErrNotExist) {
		return &scan{print: emptyPrint}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at the home: %w", err)
	}
	defer root.Close()
	l := looker{root: root, limits: limits.orDefault(), found: &scan{}}
	if err := l.dir(".", 0); err != nil {
		return nil, fmt.Errorf("look at the home: %w", err)
	}
	l.finish()
	return l.found, nil
}

// looker walks a home.
type looker struct {
	root   *os.Root
	limits Limits
	found  *scan
	prints []string // a line an entry
}

// emptyPrint is of a home with nothing in it.
var emptyPrint = hex.EncodeToString(sha256.New().Sum(nil))

func (l *looker) finish() {
	slices.Sort(l.prints)
	slices.SortFunc(l.found.entries, func(a, b entry) int { return cmp.Compare(a.path, b.path) })
	sum := sha256.New()
	for _, line := range l.prints {
		sum.Write([]byte(line))
	}
	l.found.print = hex.EncodeToString(sum.Sum(nil))
}

// dir looks at what lies in a directory. What goes away meanwhile is not there,
// nor is what a game puts in its place: a pipe would be waited for.
func (l *looker) dir(name string, depth int) error {
	d, err := l.root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if errors.Is(err, fs.ErrPermission) {
		l.found.skipped++
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(256)
		for _, e := range entries {
			if name == "." && e.Name() == cacheDir {
				continue
			}
			if err := l.entry(path.Join(name, e.Name()), depth); err != nil {
				return err
			}
		}
		if err != nil || len(entries) == 0 {
			return nil // read to its end, or gone
		}
	}
}

func (l *looker) entry(name string, depth int) error {
	info, err := l.root.Lstat(name)
	if err != nil {
		return nil // gone
	}
	e := entry{path: name, mode: info.Mode(), mtime: info.ModTime()}
	switch {
	case info.IsDir():
		if depth == deepest {
			l.found.skipped++
			return nil
		}
	case info.Mode().IsRegular():
		e.size = info.Size()
	case info.Mode()&fs.ModeSymlink != 0:
		if e.link, err = l.root.Readlink(name); err != nil || !within(name, e.link) {
			l.found.skipped++
			return nil
		}
	default:
		l.found.skipped++
		return nil
	}
	l.add(e, info)
	if l.found.bytes > l.limits.Bytes || len(l.found.entries) > l.limits.Files {
		return fmt.Errorf("%w: more than %d MB or %d files", ErrTooLarge, l.limits.Bytes>>20, l.limits.Files)
	}
	if info.IsDir() {
		return l.dir(name, depth+1)
	}
	return nil
}

func (l *looker) add(e entry, info fs.FileInfo) {
	// A game may set the time of a file's content, but not that of its inode.
	changed, inode := e.mtime, uint64(0)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		changed, inode = time.Unix(stat.Ctim.Unix()), stat.Ino
	}
	l.found.entries = append(l.found.entries, e)
	l.found.bytes += e.size
	l.prints = append(l.prints, fmt.Sprintf("%q %o %d %d %d %d %q\n", e.path, e.mode, e.size, e.mtime.UnixNano(), changed.UnixNano(), inode, e.link))
	if changed.After(l.found.newest) {
		l.found.newest = changed
	}
}

// within says whether a link leads to a place in the home.
func within(name, link string) bool {
	if link == "" || path.IsAbs(link) {
		return false
	}
	target := path.Join(path.Dir(name), link)
	return target != ".." && !strings.HasPrefix(target, "../")
}
