package record

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/Eyevinn/mp4ff/mp4"
)

// stored is a sample that lies in a file.
type stored struct {
	at, length int64 // of the track's clock
	offset     int64 // in the file
	size       int64
	key        bool
}

// fragment is what a segment's file holds.
type fragment struct {
	key          string // in the store
	init         int
	video, sound []stored
}

// errSegment says that what is stored is no segment.
var errSegment = errors.New("a segment of the recording can't be read")

// fragment reads which samples a segment holds, and where; not the samples.
func (l *Library) fragment(ctx context.Context, key string, init int) (fragment, error) {
	file, object, err := l.store.Open(ctx, key)
	if err != nil {
		return fragment{}, notFound(err)
	}
	f, err := readFragment(file, object.Size)
	if err := errors.Join(err, file.Close()); err != nil {
		return fragment{}, fmt.Errorf("%s: %w", key, err)
	}
	f.key, f.init = key, init
	return f, nil
}

// readFragment holds that all samples lie within the file.
func readFragment(file io.ReadSeeker, size int64) (f fragment, err error) {
	defer func() {
		// The library trusts the counts in a box that is not ours.
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errSegment, r)
		}
	}()
	decoded, err := mp4.DecodeFile(file, mp4.WithDecodeMode(mp4.DecModeLazyMdat))
	if err != nil {
		return f, fmt.Errorf("%w: %w", errSegment, err)
	}
	for _, segment := range decoded.Segments {
		for _, part := range segment.Fragments {
			if part.Moof == nil {
				return f, fmt.Errorf("%w: it has no index", errSegment)
			}
			for _, traf := range part.Moof.Trafs {
				if err := f.add(traf, int64(part.Moof.StartPos), size); err != nil {
					return f, err
				}
			}
		}
	}
	if len(f.video) == 0 || !f.video[0].key {
		return f, fmt.Errorf("%w: it does not begin with a key frame", errSegment)
	}
	return f, nil
}

func (f *fragment) add(traf *mp4.TrafBox, base, size int64) error {
	if traf.Tfhd == nil || traf.Tfdt == nil || traf.Tfdt.BaseMediaDecodeTime() > maxTime {
		return fmt.Errorf("%w: a track has no time", errSegment)
	}
	samples := &f.video
	if traf.Tfhd.TrackID == soundTrack {
		samples = &f.sound
	}
	at := int64(traf.Tfdt.BaseMediaDecodeTime())
	for _, run := range traf.Truns {
		offset := base + int64(run.DataOffset)
		for _, one := range run.Samples {
			s := stored{
				at: at, length: int64(one.Dur), offset: offset, size: int64(one.Size), key: mp4.IsSyncSampleFlags(one.Flags),
			}
			at, offset = at+s.length, offset+s.size
			if s.offset < 0 || offset > size {
				return fmt.Errorf("%w: a sample lies outside of it", errSegment)
			}
			*samples = append(*samples, s)
		}
	}
	return nil
}
