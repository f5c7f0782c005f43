package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events"
)

var _ events.Groups = (*Store)(nil)

// groupBuffer is how many events the store hands to a consumer before the
// first is settled. A small number leaves more for the others.
const groupBuffer = 16

// Join uses a persistent subscription. One that is there is used as it is.
func (s *Store) Join(ctx context.Context, stream events.Stream, group string) (events.Consumer, error) {
	settings := client.SubscriptionSettingsDefault()
	settings.MaxRetryCount = math.MaxInt32 // what fails comes again, it is not put aside
	_, err := call(ctx, s, func(c *client.Client) (struct{}, error) {
		options := client.PersistentStreamSubscriptionOptions{Settings: &settings, StartFrom: client.Start{}}
		return struct{}{}, c.CreatePersistentSubscription(ctx, string(stream), group, options)
	})
	if err != nil && code(err) != client.ErrorCodeResourceAlreadyExists {
		return nil, fmt.Errorf("make group %s of %s: %w", group, stream, err)
	}
	// The membership's life is its own, not this call's.
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{
		store: s, stream: stream, group: group, cancel: cancel,
		assigned: make(chan events.Assigned),
		done:     make(chan struct{}),
	}
	go m.supervise(ctx)
	return m, nil
}

// member is a consumer of a persistent subscription. One goroutine supervises
// it and closes assigned; Close waits for it.
type member struct {
	store    *Store
	stream   events.Stream
	group    string
	cancel   context.CancelFunc
	assigned chan events.Assigned // unbuffered: what waits, waits in the store, which may give it to others
	done     chan struct{}
	err      error // why it ended; read after assigned is closed
}

func (m *member) Next(ctx context.Context) (events.Assigned, error) {
	select {
	case a, ok := <-m.assigned:
		if !ok {
			return events.Assigned{}, m.err
		}
		return a, nil
	case <-ctx.Done():
		return events.Assigned{}, ctx.Err()
	}
}

func (m *member) Close() error {
	m.cancel()
	<-m.done
	return nil
}

// supervise connects, and connects again after each loss, until the consumer
// or the store is closed.
func (m *member) supervise(ctx context.Context) {
	defer close(m.done)
	defer close(m.assigned)
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		began := time.Now()
		err := m.consume(ctx)
		if ctx.Err() != nil {
			m.err = events.ErrStoreClosed
			return
		}
		if err != nil && !errors.Is(err, events.ErrUnavailable) {
			m.err = fmt.Errorf("group %s of %s: %w", m.group, m.stream, err)
			return
		}
		if time.Since(began) > longestPause {
			pause = shortestPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// consume hands out what one connection brings, until that one ends.
func (m *member) consume(ctx context.Context) error {
	inner, err := call(ctx, m.store, func(c *client.Client) (*client.PersistentSubscription, error) {
		return c.SubscribeToPersistentSubscription(ctx, string(m.stream), m.group,
			client.SubscribeToPersistentSubscriptionOptions{BufferSize: groupBuffer})
	})
	if err != nil {
		return err
	}
	c := &consuming{inner: inner}
	defer c.end()
	for {
		e := inner.Recv()
		if e.SubscriptionDropped != nil {
			return named(ctx, e.SubscriptionDropped.Error)
		}
		if e.EventAppeared == nil {
			continue
		}
		resolved := e.EventAppeared.Event
		a := events.Assigned{
			Event: recorded(resolved.OriginalEvent()),
			Ack:   func() error { return c.settle(func() error { return inner.Ack(resolved) }) },
			Retry: func() error {
				return c.settle(func() error { return inner.Nack("to be handled again", client.NackActionRetry, resolved) })
			},
		}
		select {
		case m.assigned <- a:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// consuming is one connection of a member. Events are settled by whoever
// handles them, while the supervisor may end it: one of both at a time.
type consuming struct {
	inner *client.PersistentSubscription
	mu    sync.Mutex
	over  bool
}

func (c *consuming) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	_ = c.inner.Close() // never fails
}

// settle sends what was decided of an event. Where the connection is gone there
// is nothing to send: the store assigns the event again.
func (c *consuming) settle(send func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	if err := send(); err != nil && !errors.Is(err, io.EOF) && !gone(err) {
		return fmt.Errorf("settle an event: %w", err)
	}
	return nil
}
