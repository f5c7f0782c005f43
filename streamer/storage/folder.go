package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// Folder keeps objects as files. Several processes may share it, also over a
// file system of the network that has locks.
//
//	DIR/players/ann/…   the objects, by key
//	DIR/.new/…          what is being written; it is locked while it is
//
// A file is written beside, synced, and renamed to its key; then the
// directories are synced, so that it is there after a loss of power too.
type Folder struct {
	root *os.Root
}

var _ Store = (*Folder)(nil)

// newDir is below the folder, so that a rename stays in its file system. Its
// name is no part of a key.
const newDir = ".new"

// OpenFolder makes the folder where it is missing, tries whether it can be
// written to, and clears away what was being written by processes that are
// gone. Close frees it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	f := &Folder{root: root}
	if err := f.prepare(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return f, nil
}

func (f *Folder) prepare() error {
	if err := f.root.MkdirAll(newDir, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := f.clear(); err != nil {
		return fmt.Errorf("clear what was not finished: %w", err)
	}
	file, name, err := f.create()
	if err != nil {
		return fmt.Errorf("write to the folder: %w", err)
	}
	return errors.Join(f.root.Remove(name), file.Close())
}

// clear removes the files that nobody writes any more: whose lock is free.
func (f *Folder) clear() error {
	names, err := fs.ReadDir(f.root.FS(), newDir)
	if err != nil {
		return err
	}
	for _, entry := range names {
		name := path.Join(newDir, entry.Name())
		file, err := f.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // another has cleared it, or finished it
		}
		if err != nil {
			return err
		}
		if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			// Its writer may have renamed it since; then there is nothing here.
			err = f.root.Remove(name)
		}
		if err = errors.Join(ignoreAbsent(err), file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Close frees the folder. What was opened can still be read.
func (f *Folder) Close() error { return f.root.Close() }

// Put implements Store.
func (f *Folder) Put(ctx context.Context, key string, content io.Reader) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := f.put(ctx, key, content); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return nil
}

func (f *Folder) put(ctx context.Context, key string, content io.Reader) (err error) {
	file, name, err := f.create()
	if err != nil {
		return err
	}
	defer file.Close() // and with it the lock
	renamed := false
	defer func() {
		if !renamed {
			err = errors.Join(err, ignoreAbsent(f.root.Remove(name)))
		}
	}()
	if _, err := io.Copy(file, &reader{ctx: ctx, from: content}); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := f.move(name, key); err != nil {
		return err
	}
	renamed = true
	return f.syncDirs(path.Dir(key))
}

// create makes a file and locks it, so that nobody takes it for a leftover.
func (f *Folder) create() (*os.File, string, error) {
	for {
		name := path.Join(newDir, uuid.NewString())
		file, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, "", err
		}
		if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
			return nil, "", errors.Join(fmt.Errorf("lock %s: %w", name, err), file.Close(), f.root.Remove(name))
		}
		if _, err := f.root.Lstat(name); err == nil {
			return file, name, nil
		}
		file.Close() // cleared away before it was locked: another one, then
	}
}

// move gives the file its name. A directory on the way may be removed by a
// Delete just now, and is made again.
func (f *Folder) move(name, key string) error {
	for tries := 0; ; tries++ {
		if err := f.root.MkdirAll(path.Dir(key), 0o700); err != nil {
			return err
		}
		err := f.root.Rename(name, key)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || tries == 9 {
			return err
		}
	}
}

// syncDirs makes the entries last of every directory from dir up.
func (f *Folder) syncDirs(dir string) error {
	for {
		d, err := f.root.Open(dir)
		if err != nil {
			return ignoreAbsent(err) // the object has been deleted since
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, key string) (io.ReadSeekCloser, Object, error) {
	if err := CheckKey(key); err != nil {
		return nil, Object{}, err
	}
	file, object, err := f.open(key)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, Object{}, fmt.Errorf("open %s: %w", key, err)
	}
	return file, object, nil
}

func (f *Folder) open(key string) (*os.File, Object, error) {
	file, err := f.root.Open(key)
	if err != nil {
		return nil, Object{}, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotFound // a part of other keys
	}
	if err != nil {
		return nil, Object{}, errors.Join(err, file.Close())
	}
	return file, Object{Key: key, Size: info.Size(), Modified: info.ModTime()}, nil
}

// List implements Store.
func (f *Folder) List(ctx context.Context, prefix string) ([]Object, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	var found []Object
	// What is deleted meanwhile is not there: no error.
	err := fs.WalkDir(f.root.FS(), path.Dir(prefix), func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err == nil:
			err = ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			return nil
		}
		if err != nil {
			return err
		}
		if entry.IsDir() {
			inside := strings.HasPrefix(name+"/", prefix) || strings.HasPrefix(prefix, name+"/")
			if name == "." || inside && entry.Name()[0] != '.' {
				return nil
			}
			return fs.SkipDir
		}
		if !strings.HasPrefix(name, prefix) || !entry.Type().IsRegular() || CheckKey(name) != nil {
			return nil
		}
		info, err := entry.Info()
		if err == nil {
			found = append(found, Object{Key: name, Size: info.Size(), Modified: info.ModTime()})
		}
		return ignoreAbsent(err)
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	// The walk has a/b before a-b, but the keys are the other way round.
	slices.SortFunc(found, func(a, b Object) int { return cmp.Compare(a.Key, b.Key) })
	return found, nil
}

// Delete implements Store, and removes the directories that it leaves empty.
func (f *Folder) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if info, err := f.root.Lstat(key); err == nil && !info.Mode().IsRegular() {
		return nil // a part of other keys
	}
	if err := ignoreAbsent(f.root.Remove(key)); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		if f.root.Remove(dir) != nil {
			break // not empty
		}
	}
	return nil
}

// ignoreAbsent takes what is gone already for done.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	return err
}

// reader ends with its context.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
