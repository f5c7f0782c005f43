package eventlog

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// system reads a system stream: its blocks, that their revisions and positions
// rise, and that each link is to an event that it lists.
func (v *verifier) system(name string, number uint64) error {
	taken, err := v.log.taken(number)
	if err != nil {
		return err
	}
	v.unlinked = v.unlinked || taken.count > 0
	blocks, err := newLinkIter(v.log.db, number)
	if err != nil {
		return err
	}
	records, err := recordsOf(blocks)
	if err != nil {
		return errors.Join(err, blocks.Close())
	}
	v.blocks(name, blocks, records)
	return errors.Join(blocks.Close(), records.Close())
}

func (v *verifier) blocks(name string, blocks, records *pebble.Iterator) {
	last := link{revision: -1}
	var links []link
	for ok := blocks.First(); ok; ok = blocks.Next() {
		var err error
		if links, err = blockAt(links[:0], blocks); err != nil {
			v.report.fault("%q: %v", name, err)
			continue
		}
		for _, at := range links {
			v.linked++
			if at.revision <= last.revision || at.position <= last.position {
				v.report.fault("%q@%d is out of order", name, at.revision)
			}
			last = at
			if r, err := recordAt(records, at.position); err != nil {
				v.report.fault("%q@%d: %v", name, at.revision, err)
			} else if !lists(name, &r) {
				v.report.fault("%q@%d points at an event that is not its own", name, at.revision)
			}
		}
	}
}
