package saves

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// errArchive refuses an archive that pack can't have written.
var errArchive = errors.New("not an archive of saves")

// unpack writes what an archive holds into an empty directory, and reads it to
// its end. Links are made last, so that nothing is written through one.
func unpack(r io.Reader, dir string, limits Limits) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("unpack the saves: %w", err)
	}
	defer root.Close()
	expanded, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(8*window))
	if err != nil {
		return fmt.Errorf("unpack the saves: %w", err)
	}
	defer expanded.Close()
	limits = limits.orDefault()
	// Each entry may have headers beside its content.
	bounded := &io.LimitedReader{R: expanded, N: limits.Bytes + int64(limits.Files)*4096 + 1<<20}
	u := unpacker{root: root, tar: tar.NewReader(bounded), left: limits}
	err = u.all()
	if err == nil {
		// What follows the end of the tar still counts for the checksum.
		if _, err = io.Copy(io.Discard, bounded); err != nil {
			err = fmt.Errorf("%w: %w", errArchive, err)
		}
	}
	if bounded.N <= 0 {
		err = ErrTooLarge
	}
	if err != nil {
		return fmt.Errorf("unpack the saves: %w", err)
	}
	return nil
}

type unpacker struct {
	root  *os.Root
	tar   *tar.Reader
	left  Limits
	links []*tar.Header
	dirs  []*tar.Header
}

func (u *unpacker) all() error {
	for {
		header, err := u.tar.Next()
		if errors.Is(err, io.EOF) {
			return u.finish()
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errArchive, err)
		}
		if err := u.one(header); err != nil {
			return err
		}
	}
}

func (u *unpacker) one(header *tar.Header) error {
	name := strings.TrimSuffix(header.Name, "/")
	if !fs.ValidPath(strings.ToValidUTF8(name, "_")) || name == "." || strings.Contains(name, "\x00") || strings.Count(name, "/") > deepest {
		return fmt.Errorf("%w: it names %q", errArchive, header.Name)
	}
	u.left.Files--
	u.left.Bytes -= max(0, header.Size)
	if u.left.Files < 0 || u.left.Bytes < 0 {
		return ErrTooLarge
	}
	header.Name = name
	switch header.Typeflag {
	case tar.TypeDir:
		u.dirs = append(u.dirs, header)
		return refuse(u.root.MkdirAll(name, 0o700))
	case tar.TypeSymlink:
		if !within(name, header.Linkname) {
			return fmt.Errorf("%w: %q leads to %q", errArchive, name, header.Linkname)
		}
		u.links = append(u.links, header)
		return nil
	case tar.TypeReg:
		return u.file(header)
	}
	return fmt.Errorf("%w: %q is neither file, directory nor link", errArchive, name)
}

func (u *unpacker) file(header *tar.Header) error {
	if err := u.root.MkdirAll(path.Dir(header.Name), 0o700); err != nil {
		return refuse(err)
	}
	file, err := u.root.OpenFile(header.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600|fs.FileMode(header.Mode)&0o100)
	if err != nil {
		return refuse(err)
	}
	var local *fs.PathError
	if _, err = io.Copy(file, u.tar); err != nil && !errors.As(err, &local) {
		err = fmt.Errorf("%w: %w", errArchive, err)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return u.stamp(header)
}

// finish makes the links, and then gives the directories their times.
func (u *unpacker) finish() error {
	for _, link := range u.links {
		if err := u.root.MkdirAll(path.Dir(link.Name), 0o700); err != nil {
			return refuse(err)
		}
		if err := u.root.Symlink(link.Linkname, link.Name); err != nil {
			return refuse(err)
		}
	}
	for i := len(u.dirs) - 1; i >= 0; i-- {
		if err := u.stamp(u.dirs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) stamp(header *tar.Header) error {
	if header.ModTime.Before(time.Unix(0, 0)) || header.ModTime.Year() > 9999 {
		return nil
	}
	return u.root.Chtimes(header.Name, header.ModTime, header.ModTime)
}

// refuse tells entries that can't be beside each other from trouble of this
// machine's, such as a full disk.
func refuse(err error) error {
	for _, its := range []error{unix.EEXIST, unix.ENOTDIR, unix.EISDIR, unix.ELOOP, unix.ENAMETOOLONG, unix.EINVAL} {
		if errors.Is(err, its) {
			return fmt.Errorf("%w: %w", errArchive, err)
		}
	}
	return err
}
