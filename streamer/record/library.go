package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/playcast/playcast/streamer/storage"
)

// Library reads recordings that lie in a store, each in a folder of its own.
type Library struct {
	store storage.Store
}

// NewLibrary returns a library over a store, which stays its owner's.
func NewLibrary(store storage.Store) *Library { return &Library{store: store} }

// ErrNone: there is no such recording, or nothing of it.
var ErrNone = errors.New("there is no such recording in the store")

// ErrSpan: the recording holds nothing between the times, or what can't be one
// file.
var ErrSpan = errors.New("there is no such part of the recording")

// maxManifest bounds what is read of a store that holds something else.
const maxManifest = 64 << 20

// Manifest reads what a recording is made of.
func (l *Library) Manifest(ctx context.Context, folder string) (Manifest, error) {
	data, err := l.read(ctx, folder+"/"+manifestName, maxManifest)
	if err != nil {
		return Manifest{}, err
	}
	return ParseManifest(data)
}

func (l *Library) read(ctx context.Context, key string, limit int64) ([]byte, error) {
	file, _, err := l.store.Open(ctx, key)
	if err != nil {
		return nil, notFound(err)
	}
	data, err := io.ReadAll(io.LimitReader(file, limit))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return data, nil
}

func notFound(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	return err
}

// Part opens one of the files that a playlist names, which the caller closes. A
// name that no playlist has is that of no part.
func (l *Library) Part(ctx context.Context, folder, name string) (io.ReadSeekCloser, time.Time, error) {
	if !partName.MatchString(name) {
		return nil, time.Time{}, fmt.Errorf("%w: %q is no name of a part", ErrNone, name)
	}
	file, object, err := l.store.Open(ctx, folder+"/"+name)
	if err != nil {
		return nil, time.Time{}, notFound(err)
	}
	return file, object.Modified, nil
}

// Erase removes all of a recording. The manifest goes first, so that what is
// left of an erasure that was interrupted is not played. It may be called again.
func (l *Library) Erase(ctx context.Context, folder string) error {
	if err := l.store.Delete(ctx, folder+"/"+manifestName); err != nil {
		return fmt.Errorf("erase %s: %w", folder, err)
	}
	objects, err := l.store.List(ctx, folder+"/")
	if err != nil {
		return fmt.Errorf("erase %s: %w", folder, err)
	}
	for _, object := range objects {
		if err := l.store.Delete(ctx, object.Key); err != nil {
			return fmt.Errorf("erase %s: %w", folder, err)
		}
	}
	return nil
}
