package spec

import (
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

func (s *suite) subscribeToStream(t *testing.T, client *esdb.Client) {
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
		{"many pages", 1500, esdb.Revision(99), esdbtest.UpTo(100, 1500), 700, esdbtest.UpTo(1500, 2200)},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			stream := esdbtest.Unique("subscribe")
			if c.before > 0 {
				esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(c.before)...)
			}
			sub := esdbtest.Subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: c.from})
			if sub.Id() == "" {
				t.Error("the subscription has no id")
			}
			if got := esdbtest.Numbers(esdbtest.UntilCaughtUp(t, sub)); !slices.Equal(got, c.history) {
				t.Fatalf("history %d, want %d", got, c.history)
			}
			esdbtest.Append(t, client, esdbtest.Unique("subscribe"), esdb.Any{}, esdbtest.Numbered(1)...) // not for us
			esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(c.after)...)
			for _, want := range c.live {
				if e := esdbtest.NextEvent(t, sub); e.StreamID != stream || e.EventNumber != want {
					t.Fatalf("live %s@%d, want revision %d", e.StreamID, e.EventNumber, want)
				}
			}
		})
	}
	s.run(t, "deleted, and new again", func(t *testing.T) {
		stream := esdbtest.Unique("subscribe")
		esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(3)...)
		esdbtest.Delete(t, client, stream)
		start := esdbtest.Subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
		end := esdbtest.Subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.End{}})
		esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(1)...)
		for _, sub := range []*esdb.Subscription{start, end} {
			if e := esdbtest.NextEvent(t, sub); e.EventNumber != 3 {
				t.Errorf("revision %d, want 3", e.EventNumber)
			}
		}
	})
	s.run(t, "links are resolved", func(t *testing.T) {
		target, links := esdbtest.Unique("target"), esdbtest.Unique("links")
		esdbtest.Append(t, client, target, esdb.Any{}, esdbtest.Event("Target"))
		sub := esdbtest.Subscribe(t, client, links, esdb.SubscribeToStreamOptions{From: esdb.Start{}, ResolveLinkTos: true})
		esdbtest.Append(t, client, links, esdb.Any{}, esdb.EventData{EventType: "$>", Data: []byte("0@" + target)})
		for {
			if e := esdbtest.Next(t, sub); e.EventAppeared != nil {
				if e.EventAppeared.Event == nil || e.EventAppeared.Event.EventType != "Target" {
					t.Errorf("got %+v", e.EventAppeared)
				}
				return
			}
		}
	})
}

func (s *suite) subscribeToAll(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("follow")
	var at []esdb.Position
	for range 4 {
		r := esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(1)...)
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
		s.run(t, c.name, func(t *testing.T) {
			sub := esdbtest.SubscribeAll(t, client, esdb.SubscribeToAllOptions{From: c.from})
			want := c.history
			for r := uint64(4); r < live && (i < 4); r++ {
				want = append(want, r)
			}
			if got := esdbtest.Numbers(esdbtest.Only(esdbtest.UntilCaughtUp(t, sub), stream)); !slices.Equal(got, want) {
				t.Fatalf("history %d, want %d", got, want)
			}
			esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(1)...)
			for {
				if e := esdbtest.NextEvent(t, sub); e.StreamID == stream {
					if e.EventNumber != live {
						t.Fatalf("live %d, want %d", e.EventNumber, live)
					}
					live++
					return
				}
			}
		})
	}
}

// slowSubscriber: one that does not read holds up no writer, and gets
// everything when it does.
func (s *suite) slowSubscriber(t *testing.T, client *esdb.Client) {
	const count, payload = 6000, 1024
	stream := esdbtest.Unique("slow")
	sub := esdbtest.Subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	esdbtest.UntilCaughtUp(t, sub)
	for range count / 500 {
		events := esdbtest.Numbered(500)
		for i := range events {
			events[i].Data = make([]byte, payload)
		}
		esdbtest.Append(t, client, stream, esdb.Any{}, events...)
	}
	fell := false
	for want := uint64(0); want < count; {
		e := esdbtest.Next(t, sub)
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
	esdbtest.UntilCaughtUp(t, sub)
}

func (s *suite) tombstoneEndsSubscription(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("ends")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(1)...)
	sub := esdbtest.Subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	esdbtest.UntilCaughtUp(t, sub)
	esdbtest.Tombstone(t, client, stream)
	if e := sub.Recv(); e.SubscriptionDropped == nil || esdbtest.StatusOf(e.SubscriptionDropped.Error) != codes.FailedPrecondition {
		t.Fatalf("got %+v", e)
	}
	again, err := client.SubscribeToStream(esdbtest.Within(t), stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err == nil { // a store may also confirm it first
		err = again.Recv().SubscriptionDropped.Error
	}
	if !strings.Contains(err.Error(), "deleted") {
		t.Fatalf("subscribing to it: %v", err)
	}
}
