package esdbtest

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Subscribe subscribes to the stream until the test ends.
func Subscribe(t testing.TB, client *esdb.Client, stream string, o esdb.SubscribeToStreamOptions) *esdb.Subscription {
	t.Helper()
	sub, err := client.SubscribeToStream(Within(t), stream, o)
	if err != nil {
		t.Fatalf("subscribe to %s: %v", stream, err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

// SubscribeAll subscribes to $all until the test ends.
func SubscribeAll(t testing.TB, client *esdb.Client, o esdb.SubscribeToAllOptions) *esdb.Subscription {
	t.Helper()
	sub, err := client.SubscribeToAll(Within(t), o)
	if err != nil {
		t.Fatalf("subscribe to $all: %v", err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

// Next is the subscription's next message; a drop fails the test, and so does
// silence, because the subscription's context ends.
func Next(t testing.TB, sub *esdb.Subscription) *esdb.SubscriptionEvent {
	t.Helper()
	e := sub.Recv()
	if e.SubscriptionDropped != nil {
		t.Fatalf("dropped: %v", e.SubscriptionDropped.Error)
	}
	return e
}

// NextEvent skips what is not an event.
func NextEvent(t testing.TB, sub *esdb.Subscription) *esdb.RecordedEvent {
	t.Helper()
	for {
		if e := Next(t, sub); e.EventAppeared != nil {
			return e.EventAppeared.OriginalEvent()
		}
	}
}

// UntilCaughtUp is every event up to the first caught-up message.
func UntilCaughtUp(t testing.TB, sub *esdb.Subscription) []*esdb.RecordedEvent {
	t.Helper()
	var events []*esdb.RecordedEvent
	for {
		e := Next(t, sub)
		if e.CaughtUp != nil {
			return events
		}
		if e.EventAppeared != nil {
			events = append(events, e.EventAppeared.OriginalEvent())
		}
	}
}

// Numbers are the events' revisions.
func Numbers(events []*esdb.RecordedEvent) []uint64 {
	var out []uint64
	for _, e := range events {
		out = append(out, e.EventNumber)
	}
	return out
}

// Only is what belongs to the stream.
func Only(events []*esdb.RecordedEvent, stream string) []*esdb.RecordedEvent {
	var out []*esdb.RecordedEvent
	for _, e := range events {
		if e.StreamID == stream {
			out = append(out, e)
		}
	}
	return out
}

// UpTo counts from the first number to before the second.
func UpTo(from, to uint64) []uint64 {
	var out []uint64
	for n := from; n < to; n++ {
		out = append(out, n)
	}
	return out
}
