package events

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Store is the log. Implementations: memstore (in memory) and esdb (over the
// EventStoreDB protocol); storetest holds the contract.
type Store interface {
	// Append adds events to the end of a stream, all or none, durable when it
	// returns, and returns the position of the last one. When the stream is
	// not where expected says, the error is a *ConflictError. An append whose
	// event ids the stream already holds at the expected place succeeds and
	// adds nothing.
	Append(ctx context.Context, stream Stream, expected Expected, batch []Proposed) (Position, error)
	// Read yields a stream's events from a revision on, in order. A stream
	// that does not exist yields nothing. After an error the sequence ends.
	Read(ctx context.Context, stream Stream, from Revision) iter.Seq2[Recorded, error]
	// Subscribe follows the whole log after a position, without the store's
	// own events. It reconnects by itself.
	Subscribe(ctx context.Context, after Position) (Subscription, error)
	// Head returns the position of the log's last event, or Start.
	Head(ctx context.Context) (Position, error)
	// Retain has a stream forget what it need not keep any longer: that is in no
	// reading of the stream; a reader of the whole log may see it for a while.
	Retain(ctx context.Context, stream Stream, keep Retention) error
}

// Subscription is one reader's place in the log. It has one user at a time,
// who closes it.
type Subscription interface {
	// Next waits for the next delivery, or for the context's end. Any error
	// but the context's ends the subscription.
	Next(ctx context.Context) (Delivery, error)
	Close() error
}

// Delivery is an event, or (Event nil) the news that there is none further
// for now: everything up to Position was seen, and what follows is live. It
// may come more than once, after each reconnection.
type Delivery struct {
	Event    *Recorded
	Position Position
}

// CaughtUp says that the delivery carries no event: the reader is at the head.
func (d Delivery) CaughtUp() bool { return d.Event == nil }

// Expected says where a writer believes a stream to end. The zero value
// expects an empty stream.
type Expected struct {
	next uint64 // the revision that the first event of the append shall get
	any  bool
}

// NoStream expects that the stream holds no event.
func NoStream() Expected { return Expected{} }

// AnyRevision expects nothing.
func AnyRevision() Expected { return Expected{any: true} }

// After expects the stream's last event to have the revision.
func After(last Revision) Expected { return Expected{next: uint64(last) + 1} }

// Any says that nothing is expected.
func (e Expected) Any() bool { return e.any }

// Last returns the revision expected of the last event; false when the stream
// is expected to be empty.
func (e Expected) Last() (Revision, bool) {
	if e.next == 0 {
		return 0, false
	}
	return Revision(e.next - 1), true
}

// Further expects n more events than e; of any revision it expects nothing.
func (e Expected) Further(n int) Expected { return Expected{next: e.next + uint64(n), any: e.any} }

func (e Expected) String() string {
	switch last, ok := e.Last(); {
	case e.any:
		return "any revision"
	case !ok:
		return "no stream"
	default:
		return fmt.Sprintf("revision %d", last)
	}
}

// ConflictError says that a stream was not where a writer expected it.
type ConflictError struct {
	Stream   Stream
	Expected Expected
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("stream %s is not at %v any more", e.Stream, e.Expected)
}

// ErrStoreClosed is returned by a store that was closed.
var ErrStoreClosed = errors.New("the event store is closed")

// ErrUnavailable is returned while a store can't be reached; the operation can
// be tried again, with the same event ids.
var ErrUnavailable = errors.New("the event store can't be reached")
