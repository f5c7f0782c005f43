package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// upgradeGroup events are linked in one batch.
const upgradeGroup = 4096

// linkAll writes the system streams of a log from before they were kept. It
// begins anew when it was interrupted. A record that is damaged is left out:
// the read that meets it says so.
func (w *writer) linkAll() error {
	db := w.log.db
	if err := db.DeleteRange([]byte{prefixLinks}, []byte{prefixLinks + 1}, pebble.NoSync); err != nil {
		return err
	}
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefixRecord}, UpperBound: []byte{prefixRecord + 1}})
	if err != nil {
		return markCorrupt(err)
	}
	err = w.linkRecords(it)
	return errors.Join(err, markCorrupt(it.Close()))
}

func (w *writer) linkRecords(it *pebble.Iterator) error {
	g := w.newGroup()
	defer func() { g.batch.Close() }()
	linked := 0
	for ok := it.First(); ok; ok = it.Next() {
		position := binary.BigEndian.Uint64(it.Key()[1:])
		stored, err := it.ValueAndErr()
		if err != nil {
			return markCorrupt(err)
		}
		r, err := decodeRecord(position, stored)
		if err != nil {
			continue
		}
		m := memberOf(string(r.Stream), string(r.Type), r.Revision, correlationOf(r.Metadata))
		if err := g.link(m, position); err != nil {
			return fmt.Errorf("link the event at position %d: %w", position, err)
		}
		if linked++; linked%upgradeGroup == 0 {
			if err := g.commitLinks(pebble.NoSync); err != nil {
				return err
			}
			g = w.newGroup()
		}
	}
	return g.commitLinks(pebble.Sync)
}

// commitLinks writes the links alone.
func (g *group) commitLinks(sync *pebble.WriteOptions) error {
	if err := g.writeLinks(); err != nil {
		return err
	}
	if err := g.batch.Commit(sync); err != nil {
		return err
	}
	g.writer.streams = g.streams
	g.log.cache.put(g.states)
	return g.batch.Close()
}
