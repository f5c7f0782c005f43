package esdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events"
)

// queued bounds the deliveries that wait for a slow reader. When it is full
// the connection is read no further, and the store holds the rest.
const queued = 512

// searched is after how many events, seen or not, the store tells how far it
// has come. The client's own 32 make a reading of the past of small pages.
const searched = 512

// The pauses between attempts to reconnect.
const (
	shortestPause = 50 * time.Millisecond
	longestPause  = 2 * time.Second
)

// Subscribe fails only where the store is closed: what can't be reached now is
// tried again until the subscription is closed.
func (s *Store) Subscribe(ctx context.Context, after events.Position) (events.Subscription, error) {
	if c, err := s.connect(ctx); err == nil {
		c.leave()
	} else if !errors.Is(err, events.ErrUnavailable) {
		return nil, err
	}
	// The subscription's life is its own, not this call's.
	ctx, cancel := context.WithCancel(context.Background())
	sub := &subscription{
		store: s, at: after, cancel: cancel,
		deliveries: make(chan events.Delivery, queued),
		done:       make(chan struct{}),
	}
	go sub.supervise(ctx)
	return sub, nil
}

// subscription is supervised by one goroutine, which owns at and closes
// deliveries; Close waits for it.
type subscription struct {
	store      *Store
	at         events.Position
	cancel     context.CancelFunc
	deliveries chan events.Delivery
	done       chan struct{}
	err        error // why it ended; read after deliveries is closed
}

func (s *subscription) Next(ctx context.Context) (events.Delivery, error) {
	select {
	case d, ok := <-s.deliveries:
		if !ok {
			return events.Delivery{}, s.err
		}
		return d, nil
	case <-ctx.Done():
		return events.Delivery{}, ctx.Err()
	}
}

func (s *subscription) Close() error {
	s.cancel()
	<-s.done
	return nil
}

// supervise connects, and connects again after each loss, until the
// subscription or the store is closed.
func (s *subscription) supervise(ctx context.Context) {
	defer close(s.done)
	defer close(s.deliveries)
	pause := shortestPause
	for {
		before := s.at
		err := s.follow(ctx)
		if ctx.Err() != nil {
			s.err = events.ErrStoreClosed
			return
		}
		if err != nil && !errors.Is(err, events.ErrUnavailable) {
			s.err = fmt.Errorf("subscribe after %d: %w", s.at, err)
			return
		}
		if s.at != before {
			pause = shortestPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, longestPause)
	}
}

// follow delivers over one connection until that one ends.
func (s *subscription) follow(ctx context.Context) error {
	options := client.SubscribeToAllOptions{From: client.Start{}, Filter: client.ExcludeSystemEventsFilter(), MaxSearchWindow: searched}
	if s.at != events.Start {
		options.From = client.Position{Commit: uint64(s.at), Prepare: uint64(s.at)}
	}
	inner, err := call(ctx, s.store, func(c *client.Client) (*client.Subscription, error) {
		return c.SubscribeToAll(ctx, options)
	})
	if err != nil {
		return err
	}
	defer inner.Close()
	for {
		switch e := inner.Recv(); {
		case e.SubscriptionDropped != nil:
			return named(ctx, e.SubscriptionDropped.Error)
		case e.EventAppeared != nil:
			r := recorded(e.EventAppeared.OriginalEvent())
			s.at = r.Position
			s.deliver(ctx, events.Delivery{Event: &r, Position: r.Position})
		case e.CheckPointReached != nil:
			s.at = max(s.at, events.Position(e.CheckPointReached.Commit))
		case e.CaughtUp != nil:
			s.deliver(ctx, events.Delivery{Position: s.at})
		}
	}
}

func (s *subscription) deliver(ctx context.Context, d events.Delivery) {
	select {
	case s.deliveries <- d:
	case <-ctx.Done():
	}
}
