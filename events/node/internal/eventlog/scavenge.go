package eventlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// ErrScavenging is the answer to a scavenge while another one runs.
var ErrScavenging = errors.New("a scavenge is running already")

// Scavenged says what a scavenge did.
type Scavenged struct {
	Streams int    // looked at, metadata and system streams too
	Events  int64  // taken out
	Links   int64  // taken out of system streams
	Bytes   int64  // of the events and links that were taken out
	Resumed bool   // it went on where an unfinished one had ended
	Disk    uint64 // bytes that the log takes on the disk afterwards
}

// Scavenge takes out what nobody can see any more: what $maxCount, $maxAge,
// $tb, a soft delete or a tombstone has cut off, and its links in system
// streams. Of each stream the last event stays, because numbering goes on from
// it, and so do the revisions and positions of everything else.
//
// It works beside readers and the writer, in small batches that are not
// synced: what a crash undoes, the next one does again. It ends with ctx; the
// next one begins where that was, and goes round through all streams.
func (l *Log) Scavenge(ctx context.Context) (Scavenged, error) {
	if !l.scavenging.TryLock() {
		return Scavenged{}, ErrScavenging
	}
	defer l.scavenging.Unlock()
	s := scavenge{log: l}
	after, err := s.begin()
	if err != nil {
		return s.done, err
	}
	if err := s.streams(ctx, after, nil); err != nil {
		return s.done, err
	}
	if after != nil {
		if err := s.streams(ctx, nil, after); err != nil {
			return s.done, err
		}
	}
	return s.done, s.finish(ctx)
}

// streams does those whose names are after the first given and not after the
// second; nil is no bound.
func (s *scavenge) streams(ctx context.Context, after, last []byte) error {
	for s.names = nil; ; {
		name, err := s.next(after)
		if err != nil || name == nil || last != nil && bytes.Compare(name, last) > 0 {
			return err
		}
		if err := s.stream(ctx, string(name)); err != nil {
			return fmt.Errorf("scavenge stream %q: %w", name, err)
		}
		after = name
	}
}

func ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// scavenge is the work of one call.
type scavenge struct {
	log         *Log
	done        Scavenged
	first, last uint64   // the positions that were taken out, if any
	names       [][]byte // of streams, read ahead
}

// begin is the name of the stream that an unfinished scavenge did last.
func (s *scavenge) begin() ([]byte, error) {
	if err := s.log.enter(); err != nil {
		return nil, err
	}
	defer s.log.leave()
	after, err := s.log.mark(markScavenge)
	s.done.Resumed = after != nil
	return after, err
}

// namesAhead streams are listed at a time.
const namesAhead = 256

// next is the name of the stream after the one given; nil after the last.
func (s *scavenge) next(after []byte) ([]byte, error) {
	if len(s.names) == 0 {
		if err := s.list(after); err != nil || len(s.names) == 0 {
			return nil, err
		}
	}
	name := s.names[0]
	s.names = s.names[1:]
	return name, nil
}

func (s *scavenge) list(after []byte) error {
	if err := s.log.enter(); err != nil {
		return err
	}
	defer s.log.leave()
	lower := append(nameKey(string(after)), 0)
	if after == nil {
		lower = nameKey("")
	}
	it, err := s.log.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: []byte{prefixName + 1}})
	if err != nil {
		return markCorrupt(err)
	}
	for ok := it.First(); ok && len(s.names) < namesAhead; ok = it.Next() {
		s.names = append(s.names, bytes.Clone(it.Key()[1:]))
	}
	return markCorrupt(it.Close())
}

// stream takes out what is cut off of one stream, in one or more batches.
func (s *scavenge) stream(ctx context.Context, name string) error {
	s.done.Streams++
	for from := int64(0); ; {
		if err := ended(ctx); err != nil {
			return err
		}
		next, err := s.batch(name, from)
		if err != nil || next < 0 {
			return err
		}
		from = next
	}
}

// batch takes out a page of the stream's events from the revision given. It
// returns the revision to go on with, -1 at the end.
func (s *scavenge) batch(name string, from int64) (int64, error) {
	l := s.log
	if err := l.enter(); err != nil {
		return 0, err
	}
	defer l.leave()
	c, err := l.cutOf(name)
	if err != nil || c.nothing() {
		return -1, err
	}
	batch := l.db.NewBatch()
	defer batch.Close()
	t := taken{links: map[string][]uint64{}}
	next := int64(-1)
	if c.system {
		err = s.cutLinks(batch, c, &t)
	} else {
		next, err = s.cutEvents(batch, c, from, &t)
	}
	if err != nil {
		return 0, err
	}
	for system, positions := range t.links {
		if err := l.unlink(batch, system, positions, &t); err != nil {
			return 0, fmt.Errorf("links in %q: %w", system, err)
		}
	}
	if batch.Empty() {
		return next, nil
	}
	if err := l.noteTaken(batch, c.number, &t); err != nil {
		return 0, err
	}
	if next < 0 {
		if err := batch.Set(markKey(markScavenge), []byte(name), nil); err != nil {
			return 0, err
		}
	}
	if err := batch.Commit(pebble.NoSync); err != nil {
		return 0, err
	}
	s.count(&t)
	return next, nil
}

func (s *scavenge) count(t *taken) {
	s.done.Events += t.events
	s.done.Links += t.gone
	s.done.Bytes += t.bytes
	if t.events == 0 {
		return
	}
	if s.first == 0 || t.first < s.first {
		s.first = t.first
	}
	s.last = max(s.last, t.last)
}

// finish forgets how far the scavenge has come and gives the room back.
func (s *scavenge) finish(ctx context.Context) error {
	l := s.log
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	if err := l.db.Delete(markKey(markScavenge), pebble.Sync); err != nil {
		return err
	}
	if s.last != 0 {
		if err := l.db.Compact(ctx, recordKey(s.first), recordKey(s.last+1), false); err != nil {
			return fmt.Errorf("compact: %w", markCorrupt(err))
		}
	}
	s.done.Disk = l.db.Metrics().DiskSpaceUsage()
	return nil
}

// cutOff is what of a stream nobody can see any more.
type cutOff struct {
	name   string
	number uint64
	system bool
	before int64 // revisions before this one are gone
	keep   int64 // the last revision, which stays
	oldest int64 // events created before are gone
}

func (c cutOff) nothing() bool {
	return c.number == 0 || c.keep < 0 || c.before <= 0 && c.oldest == 0
}

func (l *Log) cutOf(name string) (cutOff, error) {
	s, err := l.state(name)
	if err != nil {
		return cutOff{}, err
	}
	c := cutOff{name: name, number: s.number, system: System(name), keep: s.last, before: s.meta.truncateBefore}
	if s.meta.maxCount > 0 {
		c.before = max(c.before, s.last-s.meta.maxCount+1)
	}
	if s.meta.maxAge > 0 {
		c.oldest = ticks(time.Now()) - s.meta.maxAge
	}
	if s.tombstoned() {
		c.before = s.last
	}
	c.before = min(c.before, s.last)
	return c, nil
}
