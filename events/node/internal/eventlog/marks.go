package eventlog

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// Marks: what the log must know of itself, beside what events tell.
const (
	markFell     = "fell"     // the position after which creation times rise
	markScavenge = "scavenge" // the stream that an unfinished scavenge did last
)

// mark is what is stored under the name; nil: nothing.
func (l *Log) mark(name string) ([]byte, error) {
	stored, closer, err := l.db.Get(markKey(name))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, markCorrupt(err)
	}
	return slices.Clone(stored), closer.Close()
}

// writeFell keeps where times fell last, if the group made them fall.
func (g *group) writeFell() error {
	if g.fell == g.log.fell.Load() {
		return nil
	}
	return g.batch.Set(markKey(markFell), binary.BigEndian.AppendUint64(nil, g.fell), nil)
}
