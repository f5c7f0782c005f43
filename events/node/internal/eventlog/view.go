package eventlog

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// ErrNotFound says that a stream holds no event that may be seen.
var ErrNotFound = errors.New("no such stream")

// A DeletedError says that the stream is gone: tombstoned, or soft deleted
// where one that exists was asked for.
type DeletedError struct{ Stream string }

func (e *DeletedError) Error() string { return fmt.Sprintf("stream %q is deleted", e.Stream) }

// A Stream is what may be seen of a stream at one moment.
type Stream struct {
	Name        string
	First, Last int64 // revisions; First is past Last where all is cut off

	number uint64
	system bool
	oldest int64 // what was created before, in ticks, is not seen
}

// window is what a scan may find: the first and the last revision.
func (v *Stream) window(scan StreamScan) (lower, upper int64) {
	if scan.Backwards {
		return v.First, min(scan.From, v.Last)
	}
	return max(scan.From, v.First), v.Last
}

// Stream looks a stream up. Errors: ErrNotFound, with a view whose Last alone
// is true (-1, or the last event that was deleted); *DeletedError.
func (l *Log) Stream(name string) (Stream, error) {
	if err := l.enter(); err != nil {
		return Stream{}, err
	}
	defer l.leave()
	s, err := l.state(name)
	if err != nil {
		return Stream{}, err
	}
	if s.tombstoned() {
		return Stream{}, &DeletedError{Stream: name}
	}
	if base, ok := described(name); ok { // a stream's metadata goes with it
		if b, err := l.state(base); err != nil {
			return Stream{}, err
		} else if b.tombstoned() {
			return Stream{}, &DeletedError{Stream: name}
		}
	}
	if s.last < 0 || s.meta.deleted() {
		return Stream{Name: name, Last: s.last}, fmt.Errorf("%q: %w", name, ErrNotFound)
	}
	v := Stream{Name: name, First: s.meta.truncateBefore, Last: s.last, number: s.number, system: System(name)}
	if s.meta.maxCount > 0 && s.last-s.meta.maxCount+1 > v.First {
		v.First = s.last - s.meta.maxCount + 1
	}
	if s.meta.maxAge > 0 {
		v.oldest = ticks(time.Now()) - s.meta.maxAge
		if err := l.skipAged(&v); err != nil {
			return Stream{}, err
		}
	}
	return v, nil
}

// state is what the cache or the disk knows of the stream. It does not fill
// the cache: only the writer knows that nothing newer is on its way.
func (l *Log) state(name string) (state, error) {
	if s, ok := l.cache.get(name); ok {
		return s, nil
	}
	return l.loadState(name, l.Head())
}

// skipAged moves First past events that are too old, so that reads need not
// look at each. Times rise along the log after the position where they last
// fell: if the events to look at are all after that, a search by halves finds
// the place. Otherwise the reads do leave out the old ones, one by one.
func (l *Log) skipAged(v *Stream) error {
	if v.First > v.Last || v.system {
		return nil
	}
	index, err := l.db.NewIter(&pebble.IterOptions{LowerBound: indexKey(v.number, v.First), UpperBound: indexKey(v.number, v.Last+1)})
	if err != nil {
		return markCorrupt(err)
	}
	records, err := recordsOf(index)
	if err != nil {
		return errors.Join(err, index.Close())
	}
	err = l.searchAged(v, index, records)
	return errors.Join(err, markCorrupt(index.Close()), markCorrupt(records.Close()))
}

func (l *Log) searchAged(v *Stream, index, records *pebble.Iterator) error {
	if !index.First() {
		return markCorrupt(index.Error())
	}
	first, err := decodeIndex(index)
	if err != nil || first.position <= l.fell.Load() {
		return err
	}
	var failed error
	n := sort.Search(int(v.Last-v.First+1), func(i int) bool {
		if failed != nil || !index.SeekGE(indexKey(v.number, v.First+int64(i))) {
			return true
		}
		entry, err := decodeIndex(index)
		if err != nil {
			failed = err
			return true
		}
		r, err := recordAt(records, entry.position)
		failed = err
		return err != nil || r.Created >= v.oldest
	})
	if failed == nil {
		v.First += int64(n)
	}
	return failed
}
