package events

import "context"

// Groups is a store that shares a stream out among the consumers of a group,
// and keeps how far the group has come. What the group has settled stays
// settled; what it has not is delivered again. An event may come more than
// once, and not in order.
type Groups interface {
	// Join makes a consumer of the group. Where there is no such group, it
	// begins at the start of the stream, which need not exist.
	Join(ctx context.Context, stream Stream, group string) (Consumer, error)
}

// Consumer is one member of a group. It has one user at a time, who closes it;
// what it was assigned and has not acknowledged goes to another one.
type Consumer interface {
	// Next waits for the next event that is this consumer's to handle, or for
	// the context's end. Any error but the context's ends the membership. It
	// reconnects by itself.
	Next(ctx context.Context) (Assigned, error)
	Close() error
}

// Assigned is an event that one consumer has to handle and then to settle.
type Assigned struct {
	Event Recorded
	// Ack says that it is handled, Retry that it is to come again. Where the
	// connection was lost since, both do nothing: it comes again.
	Ack, Retry func() error
}
