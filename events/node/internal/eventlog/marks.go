package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
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

// A takenNote says what scavenges have taken of one stream, so that what is
// missing otherwise is known for damage.
type takenNote struct {
	before int64 // every revision taken is below it
	count  int64 // of events, or of links in a system stream
}

// The stored form: crc32c of the key and of what follows, then both numbers.
const takenSize = 4 + 8 + 8

// taken is the note on the stream of that number.
func (l *Log) taken(number uint64) (takenNote, error) {
	key := takenKey(number)
	stored, closer, err := l.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return takenNote{}, nil
	}
	if err != nil {
		return takenNote{}, markCorrupt(err)
	}
	if len(stored) != takenSize || binary.BigEndian.Uint32(stored) != blockSum(key, stored) {
		return takenNote{}, errors.Join(fmt.Errorf("what was taken of stream %d: %w", number, ErrCorrupt), closer.Close())
	}
	note := takenNote{before: int64(binary.BigEndian.Uint64(stored[4:])), count: int64(binary.BigEndian.Uint64(stored[12:]))}
	return note, closer.Close()
}

// noteTaken adds to the note on the stream what a batch takes.
func (l *Log) noteTaken(batch *pebble.Batch, number uint64, t *taken) error {
	note, err := l.taken(number)
	if err != nil {
		return err
	}
	key, stored := takenKey(number), make([]byte, 4, takenSize)
	stored = binary.BigEndian.AppendUint64(stored, uint64(max(note.before, t.before)))
	stored = binary.BigEndian.AppendUint64(stored, uint64(note.count+t.own))
	binary.BigEndian.PutUint32(stored, blockSum(key, stored))
	return batch.Set(key, stored, nil)
}
