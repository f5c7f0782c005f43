package storetest

import (
	"context"
	"testing"

	"github.com/playcast/playcast/events"
)

// retains holds a store to what it promises to forget, and a subscription to
// leave out types that begin with $.
func retains(t *testing.T, ctx context.Context, s events.Store) {
	kept, other := stream(), stream()
	if err := s.Retain(ctx, kept, events.Retention{MaxCount: 2}); err != nil {
		t.Fatal(err)
	}
	batch := proposed(5)
	batch[3].Type = "$own"
	mustAppend(t, s, kept, events.NoStream(), batch)
	mustAppend(t, s, other, events.NoStream(), proposed(5))
	if got := read(t, ctx, s, kept, 0); len(got) != 2 || got[0].Revision != 3 || got[0].Type != "$own" || got[1].ID != batch[4].ID {
		t.Errorf("of a stream that keeps 2 events, %d are read: %+v", len(got), got)
	}
	if got := read(t, ctx, s, other, 0); len(got) != 5 {
		t.Errorf("of a stream that keeps all, %d of 5 are read", len(got))
	}
	sub := subscribe(t, ctx, s, events.Start)
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d.CaughtUp() {
			return
		}
		if d.Event.Type == "$own" {
			t.Error("a subscription delivers what is the store's own")
		}
	}
}
