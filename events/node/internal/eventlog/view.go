package eventlog

import (
	"errors"
	"fmt"
	"sort"
	"time"
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
	v := Stream{Name: name, First: s.meta.truncateBefore, Last: s.last, number: s.number}
	if s.meta.maxCount > 0 && s.last-s.meta.maxCount+1 > v.First {
		v.First = s.last - s.meta.maxCount + 1
	}
	if s.meta.maxAge > 0 {
		if err := l.skipAged(&v, ticks(time.Now())-s.meta.maxAge); err != nil {
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

// skipAged moves First past the events created before the time given. Creation times never
// fall along the log, so that a search by halves finds the place.
func (l *Log) skipAged(v *Stream, oldest int64) error {
	if v.First > v.Last {
		return nil
	}
	var page Page
	var failed error
	n := sort.Search(int(v.Last-v.First+1), func(i int) bool {
		r, err := l.at(&page, v.number, v.First+int64(i))
		if err != nil {
			failed = err
			return true
		}
		return r.Created >= oldest
	})
	v.First += int64(n)
	return failed
}
