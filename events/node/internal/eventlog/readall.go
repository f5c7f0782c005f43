package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

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
