package saves

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// errChanged: a file was not any more what it had been a moment ago.
var errChanged = errors.New("the home changes while it is read")

// pack writes the entries of a scan, as a tar compressed with Zstandard
// (RFC 8878). The same home makes the same archive. It returns how many
// entries it has skipped because they can't be read. A file that has changed
// since the scan is an error, or is packed as it is found where the home is
// restless.
func pack(w io.Writer, home string, s *scan, restless bool) (skipped int, err error) {
	root, err := os.OpenRoot(home)
	if err != nil {
		return 0, fmt.Errorf("pack the home: %w", err)
	}
	defer root.Close()
	// One goroutine: the other cores are the games'.
	compressed, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(window))
	if err != nil {
		return 0, fmt.Errorf("pack the home: %w", err)
	}
	defer compressed.Close()
	p := packer{root: root, tar: tar.NewWriter(compressed), restless: restless}
	for _, e := range s.entries {
		if err := p.add(e); err != nil {
			return 0, fmt.Errorf("pack the home: %w", err)
		}
	}
	if err := errors.Join(p.tar.Close(), compressed.Close()); err != nil {
		return 0, fmt.Errorf("pack the home: %w", err)
	}
	return p.skipped, nil
}

// window is how far back the compression looks, and so what unpacking needs of
// memory.
const window = 1 << 20

type packer struct {
	root     *os.Root
	tar      *tar.Writer
	restless bool
	skipped  int
}

func (p *packer) add(e entry) error {
	header := &tar.Header{Name: e.path, Mode: int64(e.mode.Perm() & 0o700), ModTime: e.mtime.Truncate(1e9)}
	switch {
	case e.mode.IsDir():
		header.Typeflag, header.Name = tar.TypeDir, e.path+"/"
		return p.tar.WriteHeader(header)
	case e.mode&fs.ModeSymlink != 0:
		header.Typeflag, header.Linkname = tar.TypeSymlink, e.link
		return p.tar.WriteHeader(header)
	}
	// What is no file any more must not be waited for, nor followed.
	file, err := p.root.OpenFile(e.path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrPermission), err != nil && p.restless:
		p.skipped++
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", errChanged, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() != e.size && !p.restless {
		return fmt.Errorf("%w: %q", errChanged, e.path)
	}
	header.Typeflag, header.Size = tar.TypeReg, min(info.Size(), e.size)
	if err := p.tar.WriteHeader(header); err != nil {
		return err
	}
	n, err := io.Copy(p.tar, io.LimitReader(file, header.Size))
	if err == nil && n < header.Size {
		if !p.restless {
			return fmt.Errorf("%w: %q", errChanged, e.path)
		}
		_, err = io.CopyN(p.tar, zeros{}, header.Size-n) // it was cut off just now
	}
	return err
}

// zeros is what a file has where it was cut off.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// digest is what an archive's bytes are summed up to while they pass.
type digest struct {
	to  io.Writer
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	bytes int64
}

func (d *digest) Write(p []byte) (int, error) {
	n, err := d.to.Write(p)
	d.sum.Write(p[:n])
	d.bytes += int64(n)
	return n, err
}
