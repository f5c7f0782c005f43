package eventlog

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// backupPrefix begins the names of the directories in which backups that are
// being taken keep the files from changing. What a crash leaves of them is
// removed when the log opens.
const backupPrefix = "backup-"

func removeBackups(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, backupPrefix+"*"))
	for _, one := range left {
		err = errors.Join(err, os.RemoveAll(one))
	}
	return err
}

// keep takes a file of a backup: its name relative to the store's directory,
// its size, and its content.
type keep func(name string, size int64, content io.Reader) error

// Backup writes the log as it is at this moment, with every event that was
// answered before, as a tar stream, while appends go on. What it writes is a
// store's directory, sealed.
func (l *Log) Backup(ctx context.Context, to io.Writer) error {
	out := tar.NewWriter(to)
	err := l.backup(ctx, func(name string, size int64, content io.Reader) error {
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600}); err != nil {
			return err
		}
		_, err := io.Copy(out, content)
		return err
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// BackupTo is Backup into a directory that is missing or empty. The files are
// copies: nothing of the backup is shared with the store.
func (l *Log) BackupTo(ctx context.Context, dir string) error {
	if err := wantEmpty(dir); err != nil {
		return err
	}
	return intoPlace(dir, func(fresh string) error { return l.backup(ctx, intoDir(fresh)) })
}

func (l *Log) backup(ctx context.Context, to keep) error {
	held, err := os.MkdirTemp(l.files.dir, backupPrefix)
	if err != nil {
		return err
	}
	err = l.copyHeld(ctx, held, to)
	return errors.Join(err, os.RemoveAll(held))
}

// copyHeld has Pebble link its files into the directory, where they do not
// change any more, and copies them from there. What was answered is synced, so
// that the files need no flush.
func (l *Log) copyHeld(ctx context.Context, held string, to keep) error {
	s := seal{head: l.Head()}
	if err := l.checkpoint(filepath.Join(held, pebbleDir)); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := copyFile(filepath.Join(l.files.dir, versionFile), filepath.Join(held, versionFile)); err != nil {
		return err
	}
	names, err := filesOf(held)
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := copySummed(ctx, held, name, to)
		if err != nil {
			return fmt.Errorf("back up %s: %w", name, err)
		}
		s.files = append(s.files, f)
	}
	last := s.encode()
	return to(sealFile, int64(len(last)), strings.NewReader(string(last)))
}

func (l *Log) checkpoint(dir string) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	return l.db.Checkpoint(dir)
}

func copySummed(ctx context.Context, dir, name string, to keep) (sealed, error) {
	s := sealed{name: name}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	s.size = info.Size()
	sum := sha256.New()
	content := io.TeeReader(&whileWanted{ctx: ctx, from: io.LimitReader(f, s.size)}, sum)
	if err := to(name, s.size, content); err != nil {
		return s, err
	}
	s.sum = [sha256.Size]byte(sum.Sum(nil))
	return s, nil
}

// whileWanted reads until its context ends.
type whileWanted struct {
	ctx  context.Context
	from io.Reader
}

func (w *whileWanted) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.from.Read(p)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// wantEmpty refuses a directory that holds something.
func wantEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty: name a directory that is, or that does not exist", dir)
	}
	return nil
}

// intoPlace fills a directory beside dir and, when that is whole and synced,
// gives it the name: whatever goes wrong, dir is empty or missing as before.
func intoPlace(dir string, fill func(fresh string) error) error {
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+"-")
	if err != nil {
		return err
	}
	if err := fill(fresh); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	return syncDir(parent)
}

// intoDir keeps the files in the directory, synced.
func intoDir(dir string) keep {
	return func(name string, size int64, content io.Reader) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		n, err := io.Copy(f, content)
		if err == nil && n != size {
			err = io.ErrUnexpectedEOF
		}
		return errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
	}
}
