package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"
)

// readLinks is ReadStream for a system stream. The page gets a link for each
// event: type "$>", data revision@stream, with the event's position and time
// and an id that is the same at every read.
func (l *Log) readLinks(page *Page, view Stream, scan StreamScan) error {
	lower, upper := view.window(scan)
	if lower > upper {
		return nil
	}
	blocks, err := newLinkIter(l.db, view.number)
	if err != nil {
		return err
	}
	records, err := recordsOf(blocks)
	if err != nil {
		return errors.Join(err, blocks.Close())
	}
	f := linkFill{page: page, records: records, view: view, limit: min(max(scan.Limit, 1), PageEvents), targets: scan.Targets}
	err = f.fill(blocks, lower, upper, scan.Backwards)
	return errors.Join(err, markCorrupt(blocks.Close()), markCorrupt(records.Close()))
}

// linkFill fills a page with links.
type linkFill struct {
	page    *Page
	records *pebble.Iterator
	view    Stream
	limit   int
	targets bool
}

func (f *linkFill) fill(blocks *pebble.Iterator, lower, upper int64, backwards bool) error {
	start, next := lower, blocks.Next
	if backwards {
		start, next = upper, blocks.Prev
	}
	ok := blocks.SeekLT(linkKey(f.view.number, start+1)) || !backwards && blocks.First()
	var links []link
	for ; ok; ok = next() {
		var err error
		if links, err = blockAt(links[:0], blocks); err != nil {
			return err
		}
		for i := range links {
			at := links[i]
			if backwards {
				at = links[len(links)-1-i]
			}
			switch {
			case at.revision < lower && backwards, at.revision > upper && !backwards:
				return nil
			case at.revision < lower, at.revision > upper:
				continue
			}
			if f.page.full(f.limit) {
				f.page.More = true
				return nil
			}
			if err := f.keep(at); err != nil {
				return err
			}
		}
	}
	return markCorrupt(blocks.Error())
}

// keep puts the link into the page, unless the view says that it is too old.
func (f *linkFill) keep(at link) error {
	stored, err := storedAt(f.records, at.position)
	if err != nil {
		return err
	}
	target, err := decodeRecord(at.position, stored)
	if err != nil {
		return err
	}
	if !lists(f.view.Name, &target) {
		return fmt.Errorf("%q@%d points at an event that is not its own: %w", f.view.Name, at.revision, ErrCorrupt)
	}
	p := f.page
	p.Considered++
	p.Last = uint64(at.revision)
	if target.Created < f.view.oldest {
		return nil
	}
	r := Record{Position: at.position, Revision: at.revision, Created: target.Created, Type: []byte(TypeLink)}
	if f.targets && string(target.Type) != TypeLink {
		p.arena = append(p.arena, stored...)
		kept := target.movedTo(p.arena[len(p.arena)-len(stored):])
		r.Target = &kept
	}
	start := len(p.arena)
	p.arena = append(p.arena, f.view.Name...)
	name := len(p.arena)
	if string(target.Type) == TypeLink && f.view.Name != streamsStream {
		p.arena = append(p.arena, target.Data...) // a link to a link is one to the event
	} else {
		p.arena = strconv.AppendInt(p.arena, target.Revision, 10)
		p.arena = append(append(p.arena, '@'), target.Stream...)
	}
	r.ID = ID(uuid.NewSHA1(uuid.UUID(target.ID), p.arena[start:name]))
	r.Stream, r.Data = p.arena[start:name:name], p.arena[name:len(p.arena):len(p.arena)]
	p.Records = append(p.Records, r)
	return nil
}

// movedTo is the record with its slices in a copy of its stored form.
func (r Record) movedTo(stored []byte) Record {
	rest := stored[recordHeader:]
	for _, part := range []*[]byte{&r.Stream, &r.Type, &r.Metadata, &r.Data} {
		n := len(*part)
		*part, rest = rest[:n:n], rest[n:]
	}
	return r
}

// Visible says whether the event that was read may be seen in its own stream.
func (l *Log) Visible(r *Record) (bool, error) {
	view, err := l.Stream(string(r.Stream))
	var deleted *DeletedError
	if errors.Is(err, ErrNotFound) || errors.As(err, &deleted) {
		return false, nil
	}
	return err == nil && r.Revision >= view.First && r.Created >= view.oldest, err
}

// lists says whether the system stream is one that lists the event.
func lists(name string, r *Record) bool {
	switch {
	case name == streamsStream:
		return r.Revision == 0
	case strings.HasPrefix(name, prefixCategory):
		category, _, ok := bytes.Cut(r.Stream, []byte("-"))
		return ok && string(category) == name[len(prefixCategory):]
	case strings.HasPrefix(name, prefixType):
		return string(r.Type) == name[len(prefixType):]
	}
	return correlationOf(r.Metadata) == name[len(prefixCorrelation):]
}

// recordsOf is an iterator over the records, of the same moment as the one
// given: a scavenge takes a record and what points at it away in one step.
func recordsOf(it *pebble.Iterator) (*pebble.Iterator, error) {
	records, err := it.Clone(pebble.CloneOptions{IterOptions: &pebble.IterOptions{
		LowerBound: []byte{prefixRecord}, UpperBound: []byte{prefixRecord + 1}}})
	return records, markCorrupt(err)
}

// recordAt decodes the record that an index names. It is valid until the
// iterator moves.
func recordAt(records *pebble.Iterator, position uint64) (Record, error) {
	stored, err := storedAt(records, position)
	if err != nil {
		return Record{}, err
	}
	return decodeRecord(position, stored)
}

func storedAt(records *pebble.Iterator, position uint64) ([]byte, error) {
	var key [recordKeySize]byte
	putRecordKey(key[:], position)
	if !records.SeekGE(key[:]) || string(records.Key()) != string(key[:]) {
		if err := records.Error(); err != nil {
			return nil, markCorrupt(err)
		}
		return nil, fmt.Errorf("no record at position %d, which the index names: %w", position, ErrCorrupt)
	}
	stored, err := records.ValueAndErr()
	return stored, markCorrupt(err)
}
