// Package feed carries the log to its readers: as batches, for projections
// that keep a checkpoint of their own, and as a Watermill subscriber and
// publisher, for reactions.
//
// Ordering is that of the log. A batch holds what was delivered since the one
// before and waits for nothing; a Watermill message is delivered again until
// it is acknowledged, before the next one.
//
// An event that can't be handled stops or is skipped, by what its handler is.
// One that folds state, as policies do, must not skip any: what follows may build
// on it. It Insists, stands at that event, and says which it is. One whose
// reaction to each event stands for itself (what a worker does with its sessions,
// what is sent or erased outside) has Poison: after a few attempts the event is
// recorded in the stream poison-<handler>, and the next one is handled. There an
// operator finds it, who has it handled again or drops it. Where the order within
// each stream is enough, such a handler may be Partitioned besides, so that one
// event that fails holds up its own stream alone.
//
//	policies ────────── Insist ─▶ handler
//	a worker's ──────── Poison.Replays ─▶ Poison.Skip ─▶ handler
//	what is outside ─── Poison.Replays ─▶ Partitioned ─▶ Poison.Skip ─▶ handler
package feed

import (
	"context"
	"fmt"

	"github.com/playcast/playcast/events"
)

// Batch is a run of neighbouring events.
type Batch struct {
	Events   []events.Recorded // may be empty: nothing of interest up to Position
	Position events.Position   // up to which everything was seen
	CaughtUp bool              // there was nothing further when the batch was cut
}

// Follow hands the log after a position to handle, in batches of at most size
// events, until the context ends or either side fails.
func Follow(ctx context.Context, store events.Store, after events.Position, size int, handle func(context.Context, Batch) error) error {
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
func cut(ctx context.Context, deliveries <-chan events.Delivery, size int, handle func(context.Context, Batch) error) error {
	for first := range deliveries {
		batch := Batch{Events: make([]events.Recorded, 0, min(1+len(deliveries), size))}
		batch.add(first)
		for more := true; more && len(batch.Events) < size; {
			select {
			case d, ok := <-deliveries:
				if more = ok; ok {
					batch.add(d)
				}
			default:
				more = false
			}
		}
		if err := handle(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batch) add(d events.Delivery) {
	b.Position = d.Position
	if b.CaughtUp = d.CaughtUp(); !b.CaughtUp {
		b.Events = append(b.Events, *d.Event)
	}
}
