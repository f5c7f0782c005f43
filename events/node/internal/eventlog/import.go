package eventlog

import (
	"context"
	"fmt"
)

// An Imported is an event of another log, with the place that it had in its
// stream there.
type Imported struct {
	Stream   string
	Revision int64
	Event    // Created is when it was written there
}

// largestGap bounds the revisions that an import may leave out: positions are
// left out with them, and there are only so many.
const largestGap = 1 << 40

// Import writes events of another log, in the order given, all or none, with
// their revisions and times, and returns how many were not there yet. Revisions
// that are missing there are missing here, as after a scavenge. It is for a log
// that nobody else appends to meanwhile. Errors: *ConflictError where a stream
// holds another event, and those of Append.
func (l *Log) Import(ctx context.Context, events []Imported) (int, error) {
	r := &request{operation: opImport}
	for i := range events {
		e := &events[i]
		switch {
		case System(e.Stream):
			continue // kept by the log itself, from the events that it lists
		case len(e.Stream) == 0 || len(e.Stream) > MaxName || len(e.Type) > MaxName:
			return 0, fmt.Errorf("event %x: a name of the stream or type that is not 1 to %d bytes long", e.ID, MaxName)
		}
		r.size += recordSize(e.Stream, &e.Event)
		r.imported = append(r.imported, *e)
	}
	if len(r.imported) == 0 {
		return 0, nil
	}
	r.stream = r.imported[0].Stream
	done, err := l.ask(ctx, r)
	return int(done.Revision), err
}

// importAll puts the events into the batch. It returns their number as the
// revision.
func (g *group) importAll(events []Imported) (Appended, error) {
	missing := map[uint64]*taken{}
	var done Appended
	for i := range events {
		written, err := g.importOne(&events[i], missing)
		if err != nil {
			g.broken = err
			return Appended{}, err
		}
		if written {
			done.Revision++
		}
	}
	for number, t := range missing {
		if err := g.log.noteTaken(g.batch, number, t); err != nil {
			g.broken = err
			return Appended{}, err
		}
	}
	done.Position = g.position
	return done, nil
}

func (g *group) importOne(e *Imported, missing map[uint64]*taken) (bool, error) {
	s, err := g.state(e.Stream)
	if err != nil {
		return false, err
	}
	if e.Revision <= s.last {
		return false, g.sameEvent(s, e)
	}
	next := s.last + 1
	if err := g.numberStream(e.Stream, s); err != nil {
		return false, err
	}
	if gap := e.Revision - next; gap > 0 && e.Revision != tombstoneRevision {
		if gap > largestGap {
			return false, fmt.Errorf("stream %q goes on at revision %d after %d", e.Stream, e.Revision, s.last)
		}
		if missing[s.number] == nil {
			missing[s.number] = &taken{}
		}
		missing[s.number].own += gap
		missing[s.number].before = e.Revision
		g.position += uint64(gap)
	}
	if err := g.add(e.Stream, s, e.Revision, &e.Event, correlationOf(e.Metadata)); err != nil {
		return false, err
	}
	if base, ok := described(e.Stream); ok {
		b, err := g.state(base)
		if err != nil {
			return false, err
		}
		b.meta, g.metadata[base] = parseMetadata(e.Data), e.Data
	}
	return true, nil
}

// sameEvent wants the event to be there already.
func (g *group) sameEvent(s *state, e *Imported) error {
	w, err := g.writtenAt(s, e.ID, e.Revision)
	if err == nil && w == nil {
		err = &ConflictError{Stream: e.Stream, Expected: Expected(e.Revision - 1), Current: s.last}
	}
	return err
}

// Export calls each with every record of the log, in order, up to the head when
// it began. The record is not valid after the call. Damage ends it.
func (l *Log) Export(ctx context.Context, each func(*Record) error) error {
	var page Page
	head := l.Head()
	for from := uint64(1); from <= head; from = page.Last + 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.ReadAll(&page, Scan{From: from, Head: head, Limit: PageEvents}); err != nil {
			return err
		}
		for i := range page.Records {
			if err := each(&page.Records[i]); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
	}
	return nil
}
