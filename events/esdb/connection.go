package esdb

import (
	"context"
	"fmt"
	"sync"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events"
)

// stuckAfter is how long a call may go on after its client gave up.
//
// Inside the client one goroutine hands out the connection. When it finds no
// node it ends, and a call that is asking it, or telling it of a failure, at
// that moment waits for ever; and closing a client panics in calls that are on
// it. Hence every call here runs on a goroutine of its own, which is left
// behind in that one case, and a client is closed by the last call on it.
const stuckAfter = time.Second

// connection is one client and the calls on it.
type connection struct {
	client  *client.Client
	retired chan struct{} // closed when the client is not to be used any more
	idle    chan struct{} // closed when it is retired and the last call has ended

	mu    sync.Mutex
	calls int
	over  bool
}

// enter counts a call, unless the connection is retired.
func (c *connection) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false
	}
	c.calls++
	return true
}

func (c *connection) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls--
	c.closeIfIdle()
}

// retire lets no further call in. It may be called again.
func (c *connection) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.over = true
	close(c.retired)
	c.closeIfIdle()
}

func (c *connection) closeIfIdle() {
	if c.over && c.calls == 0 {
		_ = c.client.Close() // never fails
		close(c.idle)
	}
}

// connect returns the connection with a call counted on it: the one there is,
// or a new one that has found a node.
func (s *Store) connect(ctx context.Context) (*connection, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.closed {
		return nil, events.ErrStoreClosed
	}
	if s.current != nil && s.current.enter() {
		return s.current, nil
	}
	fresh, err := client.NewClient(s.config)
	if err != nil {
		return nil, fmt.Errorf("event store client: %w", err)
	}
	// The first call finds the node. Nobody else is on this client yet, so
	// that its failure leaves nobody waiting.
	if _, err := fresh.GetServerVersion(); err != nil {
		_ = fresh.Close() // never fails
		return nil, fmt.Errorf("%w: %v", events.ErrUnavailable, err)
	}
	s.current = &connection{client: fresh, retired: make(chan struct{}), idle: make(chan struct{}), calls: 1}
	return s.current, nil
}

// call runs one operation on the client. Of a client that gives up meanwhile
// the error is events.ErrUnavailable.
func call[T any](ctx context.Context, s *Store, operation func(*client.Client) (T, error)) (T, error) {
	var none T
	c, err := s.connect(ctx)
	if err != nil {
		return none, err
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer c.leave()
		value, err := operation(c.client)
		if gone(err) {
			c.retire()
		}
		done <- result{value, err}
	}()
	retired := c.retired
	var stuck <-chan time.Time
	for {
		select {
		case r := <-done:
			if r.err != nil {
				return none, named(ctx, r.err)
			}
			return r.value, nil
		case <-ctx.Done():
			return none, ctx.Err()
		case <-retired:
			retired, stuck = nil, time.After(stuckAfter)
		case <-stuck:
			return none, fmt.Errorf("%w: the connection was lost", events.ErrUnavailable)
		}
	}
}

// named says of an error whether the operation can be tried again.
func named(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case gone(err):
		return fmt.Errorf("%w: %v", events.ErrUnavailable, err)
	}
	return err
}
