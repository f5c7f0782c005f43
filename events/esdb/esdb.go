// Package esdb is the events.Store over EventStore-Client-Go: an EventStoreDB
// cluster, or the embedded node; the code is the same.
//
// The client gives up for good when its node can't be reached, and its
// subscriptions end with their connection. The Store here replaces a client
// that gave up (connection.go says how), and its subscriptions resume after the
// last position they delivered.
package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events"
)

// Store is a connection to an event store. It is safe for concurrent use.
type Store struct {
	config *client.Configuration

	turn    chan struct{} // holds one: whoever put it in owns what follows
	current *connection   // nil until first used
	closed  bool
}

var _ events.Store = (*Store)(nil)

// Open returns a store for a connection string ("esdb://host:2113?tls=false").
// It connects when first used. The caller closes it, after its subscriptions.
func Open(connection string) (*Store, error) {
	config, err := client.ParseConnectionString(connection)
	if err != nil {
		return nil, fmt.Errorf("event store connection string: %w", err)
	}
	config.Logger = client.NoopLogging()
	return &Store{config: config, turn: make(chan struct{}, 1)}, nil
}

// Close ends the connection, when the calls on it have ended; those that can't
// are left behind.
func (s *Store) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.closed = true
	if s.current == nil {
		return nil
	}
	s.current.retire()
	select {
	case <-s.current.idle:
	case <-time.After(stuckAfter):
	}
	return nil
}

func (s *Store) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	data := make([]client.EventData, len(batch))
	for i, p := range batch {
		data[i] = client.EventData{
			EventID: uuid.UUID(p.ID), EventType: p.Type, ContentType: client.ContentTypeJson,
			Data: p.Data, Metadata: p.Metadata,
		}
	}
	options := client.AppendToStreamOptions{ExpectedRevision: revision(expected)}
	result, err := call(ctx, s, func(c *client.Client) (*client.WriteResult, error) {
		return c.AppendToStream(ctx, string(stream), options, data...)
	})
	if code(err) == client.ErrorCodeWrongExpectedVersion {
		return 0, &events.ConflictError{Stream: stream, Expected: expected}
	}
	if err != nil {
		return 0, err
	}
	return events.Position(result.CommitPosition), nil
}

// Retain sets the stream's metadata, and nothing else there.
func (s *Store) Retain(ctx context.Context, stream events.Stream, keep events.Retention) error {
	var metadata client.StreamMetadata
	if keep.MaxAge > 0 {
		metadata.SetMaxAge(keep.MaxAge)
	}
	if keep.MaxCount > 0 {
		metadata.SetMaxCount(uint64(keep.MaxCount))
	}
	_, err := call(ctx, s, func(c *client.Client) (*client.WriteResult, error) {
		return c.SetStreamMetadata(ctx, string(stream), client.AppendToStreamOptions{}, metadata)
	})
	return err
}

// page is how many events of a stream are asked for at a time.
const page = 500

func (s *Store) Read(ctx context.Context, stream events.Stream, from events.Revision) iter.Seq2[events.Recorded, error] {
	return func(yield func(events.Recorded, error) bool) {
		for {
			read, err := call(ctx, s, func(c *client.Client) ([]events.Recorded, error) {
				return readPage(ctx, c, stream, from)
			})
			if err != nil {
				yield(events.Recorded{}, err)
				return
			}
			for _, r := range read {
				if !yield(r, nil) {
					return
				}
			}
			if len(read) < page {
				return
			}
			from = read[len(read)-1].Revision + 1
		}
	}
}

func readPage(ctx context.Context, c *client.Client, stream events.Stream, from events.Revision) ([]events.Recorded, error) {
	reader, err := c.ReadStream(ctx, string(stream), client.ReadStreamOptions{From: client.Revision(uint64(from))}, page)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	var read []events.Recorded
	for {
		resolved, err := reader.Recv()
		if errors.Is(err, io.EOF) || code(err) == client.ErrorCodeResourceNotFound {
			return read, nil
		}
		if err != nil {
			return nil, err
		}
		read = append(read, recorded(resolved.OriginalEvent()))
	}
}

func (s *Store) Head(ctx context.Context) (events.Position, error) {
	return call(ctx, s, func(c *client.Client) (events.Position, error) {
		reader, err := c.ReadAll(ctx, client.ReadAllOptions{Direction: client.Backwards, From: client.End{}}, 1)
		if err != nil {
			return 0, err
		}
		defer reader.Close()
		resolved, err := reader.Recv()
		if errors.Is(err, io.EOF) {
			return events.Start, nil
		}
		if err != nil {
			return 0, err
		}
		return events.Position(resolved.OriginalEvent().Position.Commit), nil
	})
}

// gone says that an error is the connection's, not the operation's.
func gone(err error) bool {
	switch code(err) {
	case client.ErrorCodeConnectionClosed, client.ErrorCodeNotLeader, client.ErrorCodeDeadlineExceeded:
		return true
	}
	var grpc interface{ GRPCStatus() *status.Status }
	if errors.As(err, &grpc) {
		switch grpc.GRPCStatus().Code() {
		case codes.Unavailable, codes.Aborted, codes.DeadlineExceeded, codes.Canceled:
			return true
		}
	}
	var known *client.Error
	return errors.As(err, &known) && known.Err() != nil && known.Err() != err && gone(known.Err())
}

func code(err error) client.ErrorCode {
	var known *client.Error
	if errors.As(err, &known) {
		return known.Code()
	}
	return client.ErrorCodeUnknown
}

func revision(e events.Expected) client.ExpectedRevision {
	switch last, exists := e.Last(); {
	case e.Any():
		return client.Any{}
	case !exists:
		return client.NoStream{}
	default:
		return client.Revision(uint64(last))
	}
}

func recorded(e *client.RecordedEvent) events.Recorded {
	return events.Recorded{
		ID: events.EventID(e.EventID), Stream: events.Stream(e.StreamID),
		Revision: events.Revision(e.EventNumber), Position: events.Position(e.Position.Commit),
		Time: e.CreatedDate.UTC(), Type: e.EventType, Data: e.Data, Metadata: e.UserMetadata,
	}
}
