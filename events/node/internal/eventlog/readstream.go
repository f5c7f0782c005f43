package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// A StreamScan says what of a stream to read.
type StreamScan struct {
	From      int64 // the first revision, in either direction
	Backwards bool
	Limit     int  // of records considered in this page; PageEvents at most
	Targets   bool // of a system stream, the events too: see Record.Target
}

// ReadStream fills the page with the next records that the view lets be seen.
func (l *Log) ReadStream(page *Page, view Stream, scan StreamScan) error {
	page.reset()
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	if view.system {
		return l.readLinks(page, view, scan)
	}
	lower, upper := view.window(scan)
	if lower > upper {
		return nil
	}
	index, err := l.db.NewIter(&pebble.IterOptions{
		LowerBound: indexKey(view.number, lower), UpperBound: indexKey(view.number, upper+1)})
	if err != nil {
		return markCorrupt(err)
	}
	records, err := recordsOf(index)
	if err != nil {
		return errors.Join(err, index.Close())
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
		stored, err := storedAt(records, entry.position)
		if err != nil {
			return err
		}
		if err := page.keep(entry.position, stored); err != nil {
			return err
		}
		r := &page.Records[len(page.Records)-1]
		if r.Revision != entry.revision || string(r.Stream) != view.Name {
			return fmt.Errorf("index of %q@%d points at another event: %w", view.Name, entry.revision, ErrCorrupt)
		}
		page.Considered++
		page.Last = uint64(entry.revision)
		if r.Created < view.oldest {
			page.drop()
		}
	}
	return markCorrupt(index.Error())
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
	var r Record
	if view.system {
		r, err = l.linkAt(page, view, revision)
	} else {
		r, err = l.at(page, view.number, revision)
	}
	if err == nil && r.Created < view.oldest {
		err = fmt.Errorf("%q@%d: %w", stream, revision, ErrNotFound)
	}
	return r, err
}

// linkAt reads one link of a system stream into the page.
func (l *Log) linkAt(page *Page, view Stream, revision int64) (Record, error) {
	view.First, view.Last, view.oldest = revision, revision, 0
	if err := l.readLinks(page, view, StreamScan{From: revision, Limit: 1}); err != nil {
		return Record{}, err
	}
	if len(page.Records) == 0 {
		return Record{}, fmt.Errorf("%q@%d: %w", view.Name, revision, ErrNotFound)
	}
	return page.Records[0], nil
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
		// A scavenge takes both in one step, which may be between our two.
		_, closer, err := l.db.Get(indexKey(stream, revision))
		if errors.Is(err, pebble.ErrNotFound) {
			return Record{}, fmt.Errorf("revision %d: %w", revision, ErrNotFound)
		}
		if err == nil {
			err = closer.Close()
		}
		if err != nil {
			return Record{}, markCorrupt(err)
		}
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
