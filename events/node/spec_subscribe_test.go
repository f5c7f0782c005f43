package node_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

// next is the subscription's next message; a drop fails the test, and so does
// silence, because the subscription's context ends.
func next(t testing.TB, sub *esdb.Subscription) *esdb.SubscriptionEvent {
	t.Helper()
	e := sub.Recv()
	if e.SubscriptionDropped != nil {
		t.Fatalf("dropped: %v", e.SubscriptionDropped.Error)
	}
	return e
}

// nextEvent skips what is not an event.
func nextEvent(t testing.TB, sub *esdb.Subscription) *esdb.RecordedEvent {
	t.Helper()
	for {
		if e := next(t, sub); e.EventAppeared != nil {
			return e.EventAppeared.OriginalEvent()
		}
	}
}

// untilCaughtUp is every event up to the first caught-up message.
func untilCaughtUp(t testing.TB, sub *esdb.Subscription) []*esdb.RecordedEvent {
	t.Helper()
	var events []*esdb.RecordedEvent
	for {
		e := next(t, sub)
		if e.CaughtUp != nil {
			return events
		}
		if e.EventAppeared != nil {
			events = append(events, e.EventAppeared.OriginalEvent())
		}
	}
}

func subscribe(t testing.TB, client *esdb.Client, stream string, o esdb.SubscribeToStreamOptions) *esdb.Subscription {
	t.Helper()
	sub, err := client.SubscribeToStream(within(t), stream, o)
	if err != nil {
		t.Fatalf("subscribe to %s: %v", stream, err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

func subscribeAll(t testing.TB, client *esdb.Client, o esdb.SubscribeToAllOptions) *esdb.Subscription {
	t.Helper()
	sub, err := client.SubscribeToAll(within(t), o)
	if err != nil {
		t.Fatalf("subscribe to $all: %v", err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

func TestSpecSubscribeToStream(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		cases := []struct {
			name    string
			before  int // events before the subscription
			from    esdb.StreamPosition
			history []uint64
			after   int // events once it has caught up
			live    []uint64
		}{
			{"from the start", 3, esdb.Start{}, []uint64{0, 1, 2}, 2, []uint64{3, 4}},
			{"from a revision, which is not included", 3, esdb.Revision(0), []uint64{1, 2}, 1, []uint64{3}},
			{"from the last", 3, esdb.Revision(2), nil, 1, []uint64{3}},
			{"from after the last", 2, esdb.Revision(3), nil, 4, []uint64{4, 5}},
			{"from the end", 3, esdb.End{}, nil, 2, []uint64{3, 4}},
			{"a stream that does not exist", 0, esdb.Start{}, nil, 2, []uint64{0, 1}},
			{"the end of one that does not exist", 0, esdb.End{}, nil, 2, []uint64{0, 1}},
			{"many pages", 1500, esdb.Revision(99), upTo(100, 1500), 700, upTo(1500, 2200)},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				stream := unique("subscribe")
				if c.before > 0 {
					appendEvents(t, client, stream, esdb.NoStream{}, numbered(c.before)...)
				}
				sub := subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: c.from})
				if sub.Id() == "" {
					t.Error("the subscription has no id")
				}
				if got := numbers(untilCaughtUp(t, sub)); !slices.Equal(got, c.history) {
					t.Fatalf("history %d, want %d", got, c.history)
				}
				appendEvents(t, client, unique("subscribe"), esdb.Any{}, numbered(1)...) // not for us
				appendEvents(t, client, stream, esdb.Any{}, numbered(c.after)...)
				for _, want := range c.live {
					if e := nextEvent(t, sub); e.StreamID != stream || e.EventNumber != want {
						t.Fatalf("live %s@%d, want revision %d", e.StreamID, e.EventNumber, want)
					}
				}
			})
		}
		t.Run("deleted, and new again", func(t *testing.T) {
			stream := unique("subscribe")
			appendEvents(t, client, stream, esdb.Any{}, numbered(3)...)
			deleteStream(t, client, stream)
			start := subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
			end := subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.End{}})
			appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
			for _, sub := range []*esdb.Subscription{start, end} {
				if e := nextEvent(t, sub); e.EventNumber != 3 {
					t.Errorf("revision %d, want 3", e.EventNumber)
				}
			}
		})
		t.Run("links are resolved", func(t *testing.T) {
			target, links := unique("target"), unique("links")
			appendEvents(t, client, target, esdb.Any{}, event("Target"))
			sub := subscribe(t, client, links, esdb.SubscribeToStreamOptions{From: esdb.Start{}, ResolveLinkTos: true})
			appendEvents(t, client, links, esdb.Any{}, esdb.EventData{EventType: "$>", Data: []byte("0@" + target)})
			for {
				if e := next(t, sub); e.EventAppeared != nil {
					if e.EventAppeared.Event == nil || e.EventAppeared.Event.EventType != "Target" {
						t.Errorf("got %+v", e.EventAppeared)
					}
					return
				}
			}
		})
	})
}

func TestSpecSubscribeToAll(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("follow")
		var at []esdb.Position
		for range 4 {
			r := appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
			at = append(at, esdb.Position{Commit: r.CommitPosition, Prepare: r.PreparePosition})
		}
		live := uint64(4)
		cases := []struct {
			name    string
			from    esdb.AllPosition
			history []uint64
		}{
			{"from the start", esdb.Start{}, []uint64{0, 1, 2, 3}},
			{"from the zero position", esdb.Position{}, []uint64{0, 1, 2, 3}},
			{"from a position, which is not included", at[1], []uint64{2, 3}},
			{"from the last", at[3], nil},
			{"from the end", esdb.End{}, nil},
		}
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				sub := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: c.from})
				want := c.history
				for r := uint64(4); r < live && (i < 4); r++ {
					want = append(want, r)
				}
				if got := numbers(only(untilCaughtUp(t, sub), stream)); !slices.Equal(got, want) {
					t.Fatalf("history %d, want %d", got, want)
				}
				appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
				for {
					if e := nextEvent(t, sub); e.StreamID == stream {
						if e.EventNumber != live {
							t.Fatalf("live %d, want %d", e.EventNumber, live)
						}
						live++
						return
					}
				}
			})
		}
	})
}

// TestSpecSlowSubscriber: one that does not read holds up no writer, and gets
// everything when it does.
func TestSpecSlowSubscriber(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		const count, payload = 6000, 1024
		stream := unique("slow")
		sub := subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
		untilCaughtUp(t, sub)
		for range count / 500 {
			events := numbered(500)
			for i := range events {
				events[i].Data = make([]byte, payload)
			}
			appendEvents(t, client, stream, esdb.Any{}, events...)
		}
		fell := false
		for want := uint64(0); want < count; {
			e := next(t, sub)
			fell = fell || e.FellBehind != nil
			if e.EventAppeared == nil {
				continue
			}
			if got := e.EventAppeared.Event.EventNumber; got != want {
				t.Fatalf("revision %d, want %d", got, want)
			}
			want++
		}
		if !fell {
			t.Error("nobody said that it fell behind")
		}
		untilCaughtUp(t, sub)
	})
}

func TestSpecTombstoneEndsSubscription(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("ends")
		appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
		sub := subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
		untilCaughtUp(t, sub)
		tombstone(t, client, stream)
		if e := sub.Recv(); e.SubscriptionDropped == nil || grpcCode(e.SubscriptionDropped.Error) != codes.FailedPrecondition {
			t.Fatalf("got %+v", e)
		}
		again, err := client.SubscribeToStream(within(t), stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
		if err == nil { // a store may also confirm it first
			err = again.Recv().SubscriptionDropped.Error
		}
		if !strings.Contains(err.Error(), "deleted") {
			t.Fatalf("subscribing to it: %v", err)
		}
	})
}

func upTo(from, to uint64) []uint64 {
	var out []uint64
	for n := from; n < to; n++ {
		out = append(out, n)
	}
	return out
}

func numbers(events []*esdb.RecordedEvent) []uint64 {
	var out []uint64
	for _, e := range events {
		out = append(out, e.EventNumber)
	}
	return out
}

func only(events []*esdb.RecordedEvent, stream string) []*esdb.RecordedEvent {
	var out []*esdb.RecordedEvent
	for _, e := range events {
		if e.StreamID == stream {
			out = append(out, e)
		}
	}
	return out
}
