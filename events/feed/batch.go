package feed

import (
	"context"
	"fmt"

	"github.com/playcast/playcast/events"
)

// batch is neighbouring events, as they were delivered.
type batch struct {
	events   []events.Recorded // may be empty: nothing of interest up to position
	position events.Position   // up to which everything was seen
}

// follow hands the log after a position to handle, in batches of at most size
// events, until the context ends or either side fails.
func follow(ctx context.Context, store events.Store, after events.Position, size int, handle func(context.Context, batch) error) error {
	sub, err := store.Subscribe(ctx, after)
	if err != nil {
		return fmt.Errorf("subscribe after %d: %w", after, err)
	}
	deliveries := make(chan events.Delivery, size)
	ctx, cancel := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() {
		defer close(deliveries)
		failed <- pump(ctx, sub, deliveries)
	}()
	err = cut(ctx, deliveries, size, handle)
	cancel()
	pumped := <-failed
	closed := sub.Close()
	switch {
	case err != nil:
		return err
	case pumped != nil:
		return fmt.Errorf("follow: %w", pumped)
	}
	return closed
}

func pump(ctx context.Context, sub events.Subscription, to chan<- events.Delivery) error {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		select {
		case to <- d:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// cut makes batches of what is there, and returns when deliveries is closed.
func cut(ctx context.Context, deliveries <-chan events.Delivery, size int, handle func(context.Context, batch) error) error {
	for first := range deliveries {
		b := batch{events: make([]events.Recorded, 0, min(1+len(deliveries), size))}
		b.add(first)
		for more := true; more && len(b.events) < size; {
			select {
			case d, ok := <-deliveries:
				if more = ok; ok {
					b.add(d)
				}
			default:
				more = false
			}
		}
		if err := handle(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) add(d events.Delivery) {
	b.position = d.Position
	if !d.CaughtUp() {
		b.events = append(b.events, *d.Event)
	}
}
