package eventlog

import (
	"encoding/binary"
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

// Bounds of a page. A page ends at whichever it meets first, so that neither
// many small events nor a few large ones hold much memory for a slow reader.
const (
	PageEvents = 512
	pageBytes  = 1 << 20
)

// A Page holds the records of one read. Use it again for the next one: its
// memory is kept, and the records it held are no longer valid.
type Page struct {
	Records []Record
	// Considered counts the records looked at, those that did not match too.
	Considered int
	// Last is the position (in $all) or revision (in a stream) considered
	// last. It says nothing when Considered is 0.
	Last uint64
	// More is false when the scan has reached its end.
	More bool

	arena []byte
}

func (p *Page) reset() {
	p.Records, p.arena = p.Records[:0], p.arena[:0]
	p.Considered, p.Last, p.More = 0, 0, false
}

func (p *Page) full(limit int) bool {
	return p.Considered >= limit || len(p.arena) >= pageBytes
}

// keep copies a stored record into the page and decodes the copy.
func (p *Page) keep(position uint64, stored []byte) error {
	start := len(p.arena)
	p.arena = append(p.arena, stored...)
	r, err := decodeRecord(position, p.arena[start:])
	if err != nil {
		return err
	}
	p.Records = append(p.Records, r)
	return nil
}

// drop takes the record kept last out again.
func (p *Page) drop() {
	last := len(p.Records) - 1
	r := &p.Records[last]
	p.arena = p.arena[:len(p.arena)-r.size()]
	p.Records = p.Records[:last]
}

// A Match says whether a reader wants the record. The record's slices are not
// valid after it returns.
type Match func(*Record) bool

// A Scan says what of the whole log to read.
type Scan struct {
	// From is the first position; backwards, the one after the first.
	From      uint64
	Backwards bool
	// Head ends a scan forwards: take it from Head, so that pages of one read
	// see one log.
	Head  uint64
	Limit int   // of records considered in this page; PageEvents at most
	Match Match // nil takes all
}

// ReadAll fills the page with the next records of the whole log.
func (l *Log) ReadAll(page *Page, scan Scan) error {
	page.reset()
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	head := min(scan.Head, l.Head())
	lower, upper := max(scan.From, 1), head+1
	if scan.Backwards {
		lower, upper = 1, min(scan.From, head+1)
	}
	if lower >= upper {
		return nil
	}
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: recordKey(lower), UpperBound: recordKey(upper)})
	if err != nil {
		return markCorrupt(err)
	}
	err = fillAll(page, it, scan)
	return errors.Join(err, markCorrupt(it.Close()))
}

func fillAll(page *Page, it *pebble.Iterator, scan Scan) error {
	first, next := it.First, it.Next
	if scan.Backwards {
		first, next = it.Last, it.Prev
	}
	limit := min(max(scan.Limit, 1), PageEvents)
	for ok := first(); ok; ok = next() {
		if page.full(limit) {
			page.More = true
			return nil
		}
		if len(it.Key()) != recordKeySize {
			return fmt.Errorf("record key %x: %w", it.Key(), ErrCorrupt)
		}
		position := binary.BigEndian.Uint64(it.Key()[1:])
		stored, err := it.ValueAndErr()
		if err != nil {
			return markCorrupt(err)
		}
		page.Considered++
		page.Last = position
		if err := page.keep(position, stored); err != nil {
			return err
		}
		if r := &page.Records[len(page.Records)-1]; scan.Match != nil && !scan.Match(r) {
			page.drop()
		}
	}
	return nil
}

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

// A StreamScan says what of a stream to read.
type StreamScan struct {
	From      int64 // the first revision, in either direction
	Backwards bool
	Limit     int // of records in this page; PageEvents at most
}

// ReadStream fills the page with the next records that the view lets be seen.
func (l *Log) ReadStream(page *Page, view Stream, scan StreamScan) error {
	page.reset()
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	lower, upper := max(scan.From, view.First), view.Last
	if scan.Backwards {
		lower, upper = view.First, min(scan.From, view.Last)
	}
	if lower > upper {
		return nil
	}
	// The index is opened first: the records' view is then no older, so that
	// it has what an entry points at.
	index, err := l.db.NewIter(&pebble.IterOptions{
		LowerBound: indexKey(view.number, lower), UpperBound: indexKey(view.number, upper+1)})
	if err != nil {
		return markCorrupt(err)
	}
	records, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefixRecord}, UpperBound: []byte{prefixRecord + 1}})
	if err != nil {
		return errors.Join(markCorrupt(err), index.Close())
	}
	err = fillStream(page, index, records, view, scan)
	return errors.Join(err, markCorrupt(index.Close()), markCorrupt(records.Close()))
}

func fillStream(page *Page, index, records *pebble.Iterator, view Stream, scan StreamScan) error {
	first, next := index.First, index.Next
	if scan.Backwards {
		first, next = index.Last, index.Prev
	}
	limit := min(max(scan.Limit, 1), PageEvents)
	for ok := first(); ok; ok = next() {
		if page.full(limit) {
			page.More = true
			return nil
		}
		entry, err := decodeIndex(index)
		if err != nil {
			return err
		}
		if err := follow(page, records, entry); err != nil {
			return err
		}
		r := &page.Records[len(page.Records)-1]
		if r.Revision != entry.revision || string(r.Stream) != view.Name {
			return fmt.Errorf("index of %q@%d points at another event: %w", view.Name, entry.revision, ErrCorrupt)
		}
		page.Considered++
		page.Last = uint64(entry.revision)
	}
	return nil
}

// follow keeps the record that the index entry points at.
func follow(page *Page, records *pebble.Iterator, entry indexEntry) error {
	var key [recordKeySize]byte
	putRecordKey(key[:], entry.position)
	if !records.SeekGE(key[:]) || string(records.Key()) != string(key[:]) {
		if err := records.Error(); err != nil {
			return markCorrupt(err)
		}
		return fmt.Errorf("no record at position %d, which the index names: %w", entry.position, ErrCorrupt)
	}
	stored, err := records.ValueAndErr()
	if err != nil {
		return markCorrupt(err)
	}
	return page.keep(entry.position, stored)
}

// Event reads one event of a stream. Errors: ErrNotFound, *DeletedError.
func (l *Log) Event(page *Page, stream string, revision int64) (Record, error) {
	view, err := l.Stream(stream)
	if err != nil {
		return Record{}, err
	}
	if revision < view.First || revision > view.Last {
		return Record{}, fmt.Errorf("%q@%d: %w", stream, revision, ErrNotFound)
	}
	if err := l.enter(); err != nil {
		return Record{}, err
	}
	defer l.leave()
	page.reset()
	return l.at(page, view.number, revision)
}

// at reads the event of a numbered stream into the page, which it resets.
// ErrNotFound where the index has no such revision.
func (l *Log) at(page *Page, stream uint64, revision int64) (Record, error) {
	page.reset()
	entry, closer, err := l.db.Get(indexKey(stream, revision))
	if errors.Is(err, pebble.ErrNotFound) {
		return Record{}, fmt.Errorf("revision %d: %w", revision, ErrNotFound)
	}
	if err != nil {
		return Record{}, markCorrupt(err)
	}
	if len(entry) != 8 {
		return Record{}, errors.Join(fmt.Errorf("index of revision %d: %w", revision, ErrCorrupt), closer.Close())
	}
	position := binary.BigEndian.Uint64(entry)
	if err := closer.Close(); err != nil {
		return Record{}, err
	}
	stored, closer, err := l.db.Get(recordKey(position))
	if errors.Is(err, pebble.ErrNotFound) {
		return Record{}, fmt.Errorf("no record at position %d, which the index names: %w", position, ErrCorrupt)
	}
	if err != nil {
		return Record{}, markCorrupt(err)
	}
	err = errors.Join(page.keep(position, stored), closer.Close())
	if err != nil {
		return Record{}, err
	}
	return page.Records[0], nil
}
