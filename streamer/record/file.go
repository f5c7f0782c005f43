package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/playcast/playcast/streamer/storage"
)

// File is a movie that is put together while it is read. One goroutine reads
// it; who has it closes it.
type File struct {
	ctx   context.Context // lasts until Close
	store storage.Store
	head  []byte
	parts []piece
	size  int64

	at   int64
	open io.ReadSeekCloser // the object that was read last; nil: none
	key  string
}

// piece is a range of an object, and where in the file it lies.
type piece struct {
	key    string
	offset int64
	size   int64
	at     int64
}

var _ io.ReadSeekCloser = (*File)(nil)

func newFile(ctx context.Context, store storage.Store, head []byte, chunks []chunk) *File {
	f := &File{ctx: ctx, store: store, head: head, size: int64(len(head))}
	for _, c := range chunks {
		p := piece{key: c.key, offset: c.offset(), size: c.size(), at: f.size}
		f.parts = append(f.parts, p)
		f.size += p.size
	}
	return f
}

// Size is that of the whole file, in bytes.
func (f *File) Size() int64 { return f.size }

func (f *File) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	if f.at < int64(len(f.head)) {
		n := copy(p, f.head[f.at:])
		f.at += int64(n)
		return n, nil
	}
	i := sort.Search(len(f.parts), func(i int) bool { return f.parts[i].at+f.parts[i].size > f.at })
	part := f.parts[i]
	if err := f.show(part.key); err != nil {
		return 0, err
	}
	into := f.at - part.at
	if _, err := f.open.Seek(part.offset+into, io.SeekStart); err != nil {
		return 0, fmt.Errorf("read %s: %w", part.key, err)
	}
	n, err := f.open.Read(p[:min(int64(len(p)), part.size-into)])
	f.at += int64(n)
	if errors.Is(err, io.EOF) {
		if n == 0 {
			return 0, fmt.Errorf("read %s: %w", part.key, io.ErrUnexpectedEOF)
		}
		err = nil // of this object, not of the file
	}
	return n, err
}

// show has the object opened.
func (f *File) show(key string) error {
	if f.key == key && f.open != nil {
		return nil
	}
	if err := f.Close(); err != nil {
		return err
	}
	file, _, err := f.store.Open(f.ctx, key)
	if err != nil {
		return notFound(err)
	}
	f.open, f.key = file, key
	return nil
}

func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, errors.New("seek to before the start of the file")
	}
	f.at = offset
	return offset, nil
}

// Close frees what is open. It may be called again.
func (f *File) Close() error {
	if f.open == nil {
		return nil
	}
	err := f.open.Close()
	f.open = nil
	return err
}
