package eventlog

import (
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// taken is what one batch of a scavenge takes out.
type taken struct {
	events, gone, bytes int64
	first, last         uint64
	before              int64               // every revision of the stream that was taken is below it
	own                 int64               // of the stream itself: events, or links of a system stream
	links               map[string][]uint64 // by system stream, the positions, rising
}

func (t *taken) record(r *Record) {
	t.events++
	t.bytes += int64(recordKeySize + r.size() + indexKeySize + 8)
	if t.first == 0 || r.Position < t.first {
		t.first = r.Position
	}
	t.last = max(t.last, r.Position)
	t.own++
	t.before = max(t.before, r.Revision+1)
	m := memberOf(string(r.Stream), string(r.Type), r.Revision, correlationOf(r.Metadata))
	for _, system := range m.names() {
		t.links[system] = append(t.links[system], r.Position)
	}
}

// cutEvents puts into the batch what takes a page of the stream's events away.
// It returns the revision to go on with, -1 at the end.
func (s *scavenge) cutEvents(batch *pebble.Batch, c cutOff, from int64, t *taken) (int64, error) {
	l, head, fell := s.log, s.log.Head(), s.log.fell.Load()
	index, err := l.db.NewIter(&pebble.IterOptions{LowerBound: indexKey(c.number, from), UpperBound: indexKey(c.number, c.keep)})
	if err != nil {
		return 0, markCorrupt(err)
	}
	defer index.Close()
	records, err := recordsOf(index)
	if err != nil {
		return 0, err
	}
	defer records.Close()
	looked := 0
	for ok := index.First(); ok; ok = index.Next() {
		entry, err := decodeIndex(index)
		if err != nil {
			return 0, err
		}
		if entry.position >= head || entry.revision >= c.before && c.oldest == 0 {
			return -1, nil
		}
		if looked++; looked > PageEvents {
			return entry.revision, nil
		}
		r, err := recordAt(records, entry.position)
		if err != nil {
			return 0, err
		}
		switch {
		case entry.revision < c.before || r.Created < c.oldest:
			t.record(&r)
			err = errors.Join(batch.DeleteSized(recordKey(entry.position), uint32(r.size()), nil),
				batch.Delete(indexKey(c.number, entry.revision), nil))
		case entry.position > fell:
			return -1, nil // all that follow are younger
		}
		if err != nil {
			return 0, err
		}
	}
	return -1, markCorrupt(index.Error())
}

// cutLinks puts into the batch what takes away the blocks of a system stream
// of which nothing can be seen.
func (s *scavenge) cutLinks(batch *pebble.Batch, c cutOff, t *taken) error {
	it, err := newLinkIter(s.log.db, c.number)
	if err != nil {
		return err
	}
	defer it.Close()
	var links []link
	for ok := it.First(); ok; ok = it.Next() {
		if links, err = blockAt(links[:0], it); err != nil {
			return err
		}
		if n := len(links); n > 0 && links[n-1].revision >= c.before || blockRevision(it.Key()) >= c.keep {
			return nil
		}
		t.gone += int64(len(links))
		t.own += int64(len(links))
		t.before = c.before
		t.bytes += int64(len(it.Key()) + len(it.Value()))
		if err := batch.Delete(slices.Clone(it.Key()), nil); err != nil {
			return err
		}
	}
	return markCorrupt(it.Error())
}

// unlink puts into the batch what takes the links to the positions, which
// rise, out of the system stream. The revision given last stays known.
func (l *Log) unlink(batch *pebble.Batch, system string, positions []uint64, t *taken) error {
	number, err := l.number([]byte(system))
	if err != nil || number == 0 {
		return err
	}
	it, err := newLinkIter(l.db, number)
	if err != nil {
		return err
	}
	defer it.Close()
	last, err := lastLink(it, l.Head())
	if err != nil {
		return err
	}
	var links []link
	ok, err := seekPosition(it, number, last, positions[0])
	for ; ok && err == nil && len(positions) > 0; ok = it.Next() {
		if links, err = blockAt(links[:0], it); err != nil {
			return err
		}
		before, ended := len(links), false
		kept := slices.DeleteFunc(links, func(at link) bool {
			for len(positions) > 0 && positions[0] < at.position {
				positions = positions[1:]
			}
			gone := len(positions) > 0 && positions[0] == at.position
			ended = ended || gone && at.revision == last
			return gone
		})
		if len(kept) == before {
			continue
		}
		t.gone += int64(before - len(kept))
		t.bytes += int64(len(it.Key()) + len(it.Value()))
		if err := rewrite(batch, slices.Clone(it.Key()), kept); err != nil {
			return err
		}
		if ended {
			key := linkKey(number, last)
			if err := batch.Set(key, encodeBlock(key, nil), nil); err != nil {
				return err
			}
		}
	}
	return errors.Join(err, markCorrupt(it.Error()))
}

// rewrite stores a block with the links that are left of it.
func rewrite(batch *pebble.Batch, key []byte, kept []link) error {
	if len(kept) == 0 {
		return batch.Delete(key, nil)
	}
	return batch.Set(key, encodeBlock(key, kept), nil)
}

// seekPosition sets the iterator on the last block that begins at or before
// the position, or on the first: positions rise with the revisions, up to the
// last one.
func seekPosition(it *pebble.Iterator, number uint64, last int64, position uint64) (bool, error) {
	// around sets the iterator on the block with links that holds the revision,
	// or on the last one before it.
	var links []link
	around := func(revision int64) (bool, error) {
		for ok := it.SeekLT(linkKey(number, revision+1)); ok; ok = it.Prev() {
			var err error
			if links, err = blockAt(links[:0], it); err != nil || len(links) > 0 {
				return err == nil, err
			}
		}
		return false, markCorrupt(it.Error())
	}
	low, high := int64(0), last+1 // blocks around revisions below low begin at or before it
	for low < high {
		middle := low + (high-low)/2
		found, err := around(middle)
		if err != nil {
			return false, err
		}
		if found && links[0].position > position {
			high = middle
		} else {
			low = middle + 1
		}
	}
	if found, err := around(low - 1); found || err != nil {
		return found, err
	}
	return it.First(), markCorrupt(it.Error())
}
