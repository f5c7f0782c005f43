package feed

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// tested returns a store with n events in one stream.
func tested(t *testing.T, n int) *memstore.Store {
	t.Helper()
	store := memstore.New(time.Now)
	for i := range n {
		_, err := store.Append(t.Context(), "test-1", events.AnyRevision(), []events.Proposed{{
			ID: events.EventID(uuid.New()), Type: "Tested", Data: fmt.Appendf(nil, `{"n":%d}`, i), Metadata: []byte(`{}`),
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return store
}

var errEnough = errors.New("enough")

func TestBatchesAreInOrderAndBounded(t *testing.T) {
	var next events.Revision
	err := follow(t.Context(), tested(t, 100), events.Start, 16, func(_ context.Context, b batch) error {
		if len(b.events) > 16 {
			t.Errorf("a batch of %d events", len(b.events))
		}
		for _, e := range b.events {
			if e.Revision != next {
				t.Fatalf("revision %d, want %d", e.Revision, next)
			}
			next++
		}
		if n := len(b.events); n > 0 && b.position < b.events[n-1].Position {
			t.Errorf("the batch ends at %d, before its last event", b.position)
		}
		if next == 100 {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) || next != 100 {
		t.Errorf("got %v after %d events", err, next)
	}
}

func TestBatchesBeginAfterAPositionAndEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := follow(ctx, tested(t, 10), 4, 16, func(_ context.Context, b batch) error {
		if seen += len(b.events); seen == 6 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 6 {
		t.Errorf("got %v after %d events", err, seen)
	}
}
