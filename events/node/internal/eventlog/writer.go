package eventlog

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// writer owns everything that decides what is appended next. Its goroutine
// begins in Open and ends in Close.
type writer struct {
	log        *Log
	recent     *recentIDs
	position   uint64 // of the last event written
	streams    uint64 // the highest number given to a stream
	created    int64  // the latest of the events written
	last       int64  // creation of the last event written
	page       Page
	unanswered []answered
	mended     time.Time // when mend was tried last
}

type answered struct {
	request *request
	answer  answer
}

// newWriter finds the end of the log: the head, the highest stream, the time,
// and the ids appended last, so that a retry is recognised over a restart.
func newWriter(l *Log) (*writer, error) {
	w := &writer{log: l, recent: newRecentIDs()}
	last, err := l.lastKey(prefixRecord, recordKeySize)
	if err != nil {
		return nil, err
	}
	if last != nil {
		w.position = binary.BigEndian.Uint64(last[1:])
		r, err := l.db.NewIter(&pebble.IterOptions{
			LowerBound: recordKey(w.position - min(w.position-1, recentCount-1)), UpperBound: []byte{prefixRecord + 1}})
		if err != nil {
			return nil, markCorrupt(err)
		}
		err = w.recall(r)
		if closed := markCorrupt(r.Close()); !errors.Is(closed, ErrCorrupt) {
			err = errors.Join(err, closed)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, prefix := range []byte{prefixIndex, prefixLinks} {
		if last, err = l.lastKey(prefix, indexKeySize); err != nil {
			return nil, err
		}
		if last != nil {
			w.streams = max(w.streams, binary.BigEndian.Uint64(last[1:9]))
		}
	}
	fell, err := l.mark(markFell)
	if err != nil {
		return nil, err
	}
	if len(fell) == 8 {
		l.fell.Store(binary.BigEndian.Uint64(fell))
	}
	l.head.Store(w.position)
	return w, nil
}

// lastKey is the last key with the prefix, nil if there is none.
func (l *Log) lastKey(prefix byte, size int) ([]byte, error) {
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefix}, UpperBound: []byte{prefix + 1}})
	if err != nil {
		return nil, markCorrupt(err)
	}
	var key []byte
	if it.Last() {
		key = append(key, it.Key()...)
	}
	if err := it.Close(); err != nil {
		return nil, markCorrupt(err)
	}
	if key != nil && len(key) != size {
		return nil, fmt.Errorf("key %x: %w", key, ErrCorrupt)
	}
	return key, nil
}

// recall takes in the ids and the time of the records, the newest first. It
// ends at damage and leaves that to the read that meets it: the log opens, so
// that the rest of it can be saved.
func (w *writer) recall(records *pebble.Iterator) error {
	type recalled struct {
		id ID
		at written
	}
	var newestFirst []recalled
	numbers := map[string]uint64{}
	for ok := records.Last(); ok; ok = records.Prev() {
		position := binary.BigEndian.Uint64(records.Key()[1:])
		stored, err := records.ValueAndErr()
		if err != nil {
			break // the iterator keeps the error
		}
		r, err := decodeRecord(position, stored)
		if err != nil {
			continue
		}
		if w.created = max(w.created, r.Created); len(newestFirst) == 0 {
			w.last = r.Created
		}
		number, ok := numbers[string(r.Stream)]
		if !ok {
			if number, err = w.log.number(r.Stream); err != nil {
				return err
			}
			numbers[string(r.Stream)] = number
		}
		newestFirst = append(newestFirst, recalled{r.ID, written{stream: number, revision: r.Revision, position: position}})
	}
	for _, r := range slices.Backward(newestFirst) {
		w.recent.add(r.id, r.at)
	}
	if err := markCorrupt(records.Error()); err != nil && !errors.Is(err, ErrCorrupt) {
		return err
	}
	return nil
}

// groupBytes ends the taking of requests into one commit. What waits beyond it
// is the next group.
const groupBytes = 4 << 20

func (w *writer) run() {
	defer close(w.log.writerDone)
	for {
		select {
		case <-w.log.stop:
			return
		case r := <-w.log.queue:
			w.writeGroup(r)
		}
	}
}

// writeGroup writes the request and those that wait behind it:
//
//	decide, one after the other ─▶ commit and sync ─▶ cache, head ─▶ wake ─▶ answer
func (w *writer) writeGroup(first *request) {
	if err := w.mend(); err != nil {
		w.log.meter.refused.Add(1)
		first.answer <- answer{err: err}
		return
	}
	g := w.newGroup()
	bytes := 0
	for r := first; r != nil; {
		appended, err := g.handle(r)
		w.unanswered = append(w.unanswered, answered{r, answer{appended, err}})
		if bytes += r.size; bytes >= groupBytes {
			break
		}
		select {
		case r = <-w.log.queue:
		default:
			r = nil
		}
	}
	err := g.commit()
	if err != nil {
		w.log.meter.refused.Add(1)
	}
	for i := range w.unanswered {
		a := &w.unanswered[i]
		if err != nil {
			a.answer = answer{err: err}
		}
		a.request.answer <- a.answer
		*a = answered{}
	}
	w.unanswered = w.unanswered[:0]
}

// group is the state of the log as it will be when the group is committed.
type group struct {
	*writer
	batch    *pebble.Batch
	states   map[string]*state // the streams that the group has looked at
	metadata map[string][]byte // of streams, as written in this group
	ids      map[ID]written
	order    []ID
	linker   linker
	position uint64
	streams  uint64
	created  int64
	last     int64  // creation of the last event, in this group or before
	fell     uint64 // times rise after this position
	broken   error  // the batch holds half a request: nothing of it may be committed
}

func (w *writer) newGroup() *group {
	return &group{
		writer:   w,
		batch:    w.log.db.NewBatch(),
		states:   map[string]*state{},
		metadata: map[string][]byte{},
		ids:      map[ID]written{},
		position: w.position,
		streams:  w.streams,
		created:  w.created,
		last:     w.last,
		fell:     w.log.fell.Load(),
	}
}

// state is the stream as the requests before this one leave it.
func (g *group) state(name string) (*state, error) {
	if s, ok := g.states[name]; ok {
		return s, nil
	}
	s, ok := g.log.cache.get(name)
	if !ok {
		var err error
		if s, err = g.log.loadState(name, g.writer.position); err != nil {
			return nil, fmt.Errorf("state of stream %q: %w", name, err)
		}
	}
	g.states[name] = &s
	return &s, nil
}

func (g *group) writtenID(id ID) (written, bool) {
	if w, ok := g.ids[id]; ok {
		return w, true
	}
	w, ok := g.recent.at[id]
	return w, ok
}

// commit makes the group durable, and then visible.
func (g *group) commit() error {
	defer g.batch.Close()
	if g.broken == nil && g.position == g.writer.position {
		return nil // conflicts and repetitions only
	}
	if err := cmp.Or(g.broken, g.log.failure.get()); err != nil {
		return err
	}
	if err := cmp.Or(g.writeLinks(), g.writeFell()); err != nil {
		return err
	}
	if err := g.log.room.take(uint64(g.batch.Len())); err != nil {
		return err
	}
	began, size := time.Now(), uint64(g.batch.Len())
	if err := g.batch.Commit(pebble.Sync); err != nil {
		return g.log.failure.set(err)
	}
	if err := g.log.failure.get(); err != nil {
		return err
	}
	g.log.meter.committed(len(g.unanswered), g.position-g.writer.position, size, time.Since(began))
	for _, id := range g.order {
		g.recent.add(id, g.ids[id])
	}
	g.writer.position, g.writer.streams, g.writer.created = g.position, g.streams, g.created
	g.writer.last = g.last
	g.log.fell.Store(g.fell) // before anyone sees an event that is older than the one before it
	g.log.cache.put(g.states)
	g.log.head.Store(g.position)
	g.log.hub.wake(g.states)
	return nil
}
