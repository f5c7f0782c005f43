package eventlog

import (
	"context"
	"fmt"
)

// Appended says where an append ended.
type Appended struct {
	Revision int64  // of the stream's last event; -1: it has none
	Position uint64 // of the last event appended; of the head when none was
}

type operation uint8

const (
	opAppend operation = iota
	opDelete
	opTombstone
)

// request is what the writer is asked for. It answers each once.
type request struct {
	operation operation
	stream    string
	expected  Expected
	events    []Event
	size      int
	answer    chan answer // holds one, so that the writer never waits
}

type answer struct {
	appended Appended
	err      error
}

// Append appends the events to the stream, all or none, and returns when they
// are on the disk. A repetition of an append that is known returns what the
// first one did. When ctx ends first the outcome is open: append again, with
// the same ids. Errors: *ConflictError, *DeletedError, ErrFull,
// ErrFailed, ErrClosed.
func (l *Log) Append(ctx context.Context, stream string, expected Expected, events []Event) (Appended, error) {
	r := &request{operation: opAppend, stream: stream, expected: expected, events: events}
	for i := range events {
		r.size += recordSize(stream, &events[i])
	}
	return l.ask(ctx, r)
}

// Delete hides all events of the stream; the next append goes on numbering.
func (l *Log) Delete(ctx context.Context, stream string, expected Expected) (Appended, error) {
	return l.ask(ctx, &request{operation: opDelete, stream: stream, expected: expected})
}

// Tombstone ends the stream for ever.
func (l *Log) Tombstone(ctx context.Context, stream string, expected Expected) (Appended, error) {
	return l.ask(ctx, &request{operation: opTombstone, stream: stream, expected: expected})
}

func (l *Log) ask(ctx context.Context, r *request) (Appended, error) {
	if len(r.stream) == 0 || len(r.stream) > MaxName {
		return Appended{}, fmt.Errorf("a stream's name of %d bytes: 1 to %d are possible", len(r.stream), MaxName)
	}
	r.answer = make(chan answer, 1)
	select {
	case l.queue <- r:
	case <-l.stop:
		return Appended{}, ErrClosed
	case <-ctx.Done():
		return Appended{}, ctx.Err()
	}
	select {
	case a := <-r.answer:
		return a.appended, a.err
	case <-ctx.Done():
		return Appended{}, ctx.Err()
	case <-l.writerDone:
	}
	select { // the writer may have answered as the last thing it did
	case a := <-r.answer:
		return a.appended, a.err
	default:
		return Appended{}, ErrClosed
	}
}
