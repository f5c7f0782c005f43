// Package esdb is the events.Store over EventStore-Client-Go: an EventStoreDB
// cluster, or the embedded node; the code is the same.
//
// The client gives up for good when its node can't be reached, and its
// subscriptions end with their connection. The Store here replaces a client
// that gave up, and its subscriptions resume after the last position they
// delivered.
package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"sync"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events"
)

// Store is a connection to an event store. It is safe for concurrent use.
type Store struct {
	config *client.Configuration

	mu     sync.Mutex
	client *client.Client // nil until first used, and after it gave up
	closed bool
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
	return &Store{config: config}, nil
}

// Close ends the connection.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.client == nil {
		return nil
	}
	err := s.client.Close()
	s.client = nil
	return err
}

func (s *Store) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	c, err := s.connection()
	if err != nil {
		return 0, err
	}
	data := make([]client.EventData, len(batch))
	for i, p := range batch {
		data[i] = client.EventData{
			EventID: uuid.UUID(p.ID), EventType: p.Type, ContentType: client.ContentTypeJson,
			Data: p.Data, Metadata: p.Metadata,
		}
	}
	result, err := c.AppendToStream(ctx, string(stream), client.AppendToStreamOptions{ExpectedRevision: revision(expected)}, data...)
	if code(err) == client.ErrorCodeWrongExpectedVersion {
		return 0, &events.ConflictError{Stream: stream, Expected: expected}
	}
	if err != nil {
		return 0, s.failed(ctx, c, err)
	}
	return events.Position(result.CommitPosition), nil
}

func (s *Store) Read(ctx context.Context, stream events.Stream, from events.Revision) iter.Seq2[events.Recorded, error] {
	return func(yield func(events.Recorded, error) bool) {
		c, err := s.connection()
		if err != nil {
			yield(events.Recorded{}, err)
			return
		}
		options := client.ReadStreamOptions{From: client.Revision(uint64(from))}
		reader, err := c.ReadStream(ctx, string(stream), options, math.MaxUint64)
		if err != nil {
			yield(events.Recorded{}, s.failed(ctx, c, err))
			return
		}
		defer reader.Close()
		for {
			resolved, err := reader.Recv()
			if errors.Is(err, io.EOF) || code(err) == client.ErrorCodeResourceNotFound {
				return
			}
			if err != nil {
				yield(events.Recorded{}, s.failed(ctx, c, err))
				return
			}
			if !yield(recorded(resolved.OriginalEvent()), nil) {
				return
			}
		}
	}
}

func (s *Store) Head(ctx context.Context) (events.Position, error) {
	c, err := s.connection()
	if err != nil {
		return 0, err
	}
	reader, err := c.ReadAll(ctx, client.ReadAllOptions{Direction: client.Backwards, From: client.End{}}, 1)
	if err != nil {
		return 0, s.failed(ctx, c, err)
	}
	defer reader.Close()
	resolved, err := reader.Recv()
	if errors.Is(err, io.EOF) {
		return events.Start, nil
	}
	if err != nil {
		return 0, s.failed(ctx, c, err)
	}
	return events.Position(resolved.OriginalEvent().Position.Commit), nil
}

// connection returns the client, a new one if the last gave up.
func (s *Store) connection() (*client.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, events.ErrStoreClosed
	}
	if s.client == nil {
		c, err := client.NewClient(s.config)
		if err != nil {
			return nil, fmt.Errorf("event store client: %w", err)
		}
		s.client = c
	}
	return s.client, nil
}

// failed names an error, and drops the client it came from if that one gave up.
func (s *Store) failed(ctx context.Context, from *client.Client, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !gone(err) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == from {
		s.client = nil
		// The client has given up already: there is nothing left to lose.
		_ = from.Close()
	}
	return fmt.Errorf("%w: %v", events.ErrUnavailable, err)
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
