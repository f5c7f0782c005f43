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
	opImport
)

// request is what the writer is asked for. It answers each once.
type request struct {
	operation operation
	stream    string
	expected  Expected
	events    []Event
	size      int
	ids       []string    // correlation ids of the events; nil: none has one
	imported  []Imported  // of opImport
	answer    chan answer // holds one, so that the writer never waits
}

func (r *request) correlation(i int) string {
	if r.ids == nil {
		return ""
	}
	return r.ids[i]
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
	return l.ask(ctx, newAppend(stream, expected, events))
}

func newAppend(stream string, expected Expected, events []Event) *request {
	r := &request{operation: opAppend, stream: stream, expected: expected, events: events}
	for i := range events {
		r.size += recordSize(stream, &events[i])
		if id := correlationOf(events[i].Metadata); id != "" {
			if r.ids == nil {
				r.ids = make([]string, len(events))
			}
			r.ids[i] = id
		}
	}
	return r
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
	p, err := l.begin(ctx, r)
	if err != nil {
		return Appended{}, err
	}
	return p.Wait(ctx)
}

// A Pending is an append that the writer has been given.
type Pending struct {
	log     *Log
	request *request
}

// Begin is Append without the wait for its answer. What one goroutine begins
// is decided in that order.
func (l *Log) Begin(ctx context.Context, stream string, expected Expected, events []Event) (*Pending, error) {
	return l.begin(ctx, newAppend(stream, expected, events))
}

func (l *Log) begin(ctx context.Context, r *request) (*Pending, error) {
	if len(r.stream) == 0 || len(r.stream) > MaxName {
		return nil, fmt.Errorf("a stream's name of %d bytes: 1 to %d are possible", len(r.stream), MaxName)
	}
	if System(r.stream) {
		return nil, fmt.Errorf("stream %q: %w", r.stream, ErrReserved)
	}
	r.answer = make(chan answer, 1)
	select {
	case l.queue <- r:
	case <-l.stop:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return &Pending{log: l, request: r}, nil
}

// Wait returns when the append is on the disk, with the results of Append.
func (p *Pending) Wait(ctx context.Context) (Appended, error) {
	r := p.request
	select {
	case a := <-r.answer:
		return a.appended, a.err
	case <-ctx.Done():
		return Appended{}, ctx.Err()
	case <-p.log.writerDone:
	}
	select { // the writer may have answered as the last thing it did
	case a := <-r.answer:
		return a.appended, a.err
	default:
		return Appended{}, ErrClosed
	}
}
