package node_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

func TestSpecFilter(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		one, two := unique("filter-one"), unique("filter-two")
		cases := []struct {
			name   string
			filter esdb.SubscriptionFilter
			want   []string
		}{
			{"stream prefix", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{one}}, []string{"ItBegan", "ItEnded"}},
			{"stream prefixes", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{one, two}}, []string{"ItBegan", "Other", "ItEnded"}},
			{"stream pattern", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "^(x|" + two + ")$"}, []string{"Other"}},
			{"type prefix", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"It"}}, []string{"ItBegan", "ItEnded"}},
			{"type pattern", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "Ended$|^Oth"}, []string{"Other", "ItEnded"}},
			{"no system events", *esdb.ExcludeSystemEventsFilter(), []string{"ItBegan", "Other", "ItEnded"}},
			{"none", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"Never"}}, nil},
		}
		first := appendEvents(t, client, one, esdb.Any{}, event("ItBegan"))
		setMetadata(t, client, two, func(m *esdb.StreamMetadata) { m.SetMaxCount(100) })
		appendEvents(t, client, two, esdb.Any{}, event("Other"))
		last := appendEvents(t, client, one, esdb.Any{}, event("ItEnded"))
		from := esdb.Position{Commit: first.CommitPosition - 1, Prepare: first.PreparePosition - 1}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				sub := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: from, Filter: &c.filter})
				var got []string
				checkpoint := esdb.Position{}
				for {
					e := next(t, sub)
					if e.CheckPointReached != nil {
						checkpoint = *e.CheckPointReached
					}
					if e.EventAppeared != nil {
						if r := e.EventAppeared.Event; r.StreamID == one || r.StreamID == two {
							got = append(got, r.EventType)
						}
					}
					if e.CaughtUp != nil {
						break
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if checkpoint.Commit < last.CommitPosition {
					t.Errorf("caught up with a checkpoint at %d, before the last event at %d", checkpoint.Commit, last.CommitPosition)
				}
			})
		}
		t.Run("a pattern that does not compile", func(t *testing.T) {
			_, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "("}})
			if grpcCode(err) != codes.InvalidArgument {
				t.Fatalf("got %v", err)
			}
		})
	})
}

func TestSpecCheckpoints(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		begin := appendEvents(t, client, unique("checkpoint"), esdb.Any{}, event("Begin"))
		from := esdb.Position{Commit: begin.CommitPosition, Prepare: begin.PreparePosition}
		wanted := unique("checkpoint-wanted")
		for range 10 {
			appendEvents(t, client, unique("checkpoint-other"), esdb.Any{}, numbered(99)...)
			appendEvents(t, client, wanted, esdb.Any{}, numbered(1)...)
		}
		filter := esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{wanted}}
		options := esdb.SubscribeToAllOptions{From: from, Filter: &filter, MaxSearchWindow: 25, CheckpointInterval: 2}

		checkpoints, last := []esdb.Position{}, from.Commit
		sub := subscribeAll(t, client, options)
		for caughtUp := false; !caughtUp; {
			e := next(t, sub)
			switch {
			case e.CheckPointReached != nil:
				if e.CheckPointReached.Commit < last {
					t.Errorf("a checkpoint at %d after %d", e.CheckPointReached.Commit, last)
				}
				checkpoints = append(checkpoints, *e.CheckPointReached)
				last = e.CheckPointReached.Commit
			case e.EventAppeared != nil:
				last = e.EventAppeared.OriginalEvent().Position.Commit
			}
			caughtUp = e.CaughtUp != nil
		}
		if n := len(checkpoints); n < 20 {
			t.Errorf("%d checkpoints in 1000 events, want one in 50", n)
		}
		// Going on from any of them misses nothing and repeats nothing.
		for _, c := range checkpoints {
			options.From = c
			var want []uint64
			for r := range uint64(10) {
				if e := readStream(t, client, wanted, esdb.ReadStreamOptions{From: esdb.Revision(r)}, 1); e[0].Event.Position.Commit > c.Commit {
					want = append(want, r)
				}
			}
			if got := numbers(untilCaughtUp(t, subscribeAll(t, client, options))); !slices.Equal(got, want) {
				t.Errorf("from the checkpoint at %d came %d, want %d", c.Commit, got, want)
			}
		}
		// One that is live is told too how far the log has been searched.
		end := appendEvents(t, client, unique("checkpoint-other"), esdb.Any{}, numbered(60)...)
		for {
			if e := next(t, sub); e.CheckPointReached != nil {
				if c := e.CheckPointReached.Commit; c <= last || c > end.CommitPosition {
					t.Errorf("live checkpoint at %d, between %d and %d", c, last, end.CommitPosition)
				}
				return
			}
		}
	})
}

// TestSpecNoGapUnderWriters follows the log while it is written to, leaves and
// comes back again and again, and misses nothing and sees nothing twice.
func TestSpecNoGapUnderWriters(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		const writers, each, stay = 8, 250, 97
		prefix := unique("gapless")
		begin := appendEvents(t, client, unique("begin"), esdb.Any{}, event("Begin"))
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for range each {
					_, err := client.AppendToStream(context.Background(), fmt.Sprintf("%s-%d", prefix, w), esdb.AppendToStreamOptions{}, event("Gapless"))
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		defer wg.Wait()
		position := esdb.Position{Commit: begin.CommitPosition, Prepare: begin.PreparePosition}
		nextRevision := map[string]uint64{}
		seen := 0
		filters := []*esdb.SubscriptionFilter{nil, {Type: esdb.StreamFilterType, Prefixes: []string{prefix}}}
		for turn := 0; seen < writers*each; turn++ {
			sub := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: position, Filter: filters[turn%2]})
			for n := 0; n < stay && seen < writers*each; n++ {
				e := next(t, sub)
				if e.CheckPointReached != nil {
					position = *e.CheckPointReached
				}
				if e.EventAppeared == nil {
					continue
				}
				r := e.EventAppeared.OriginalEvent()
				position = r.Position
				if r.EventType != "Gapless" || r.StreamID[:len(prefix)] != prefix {
					continue
				}
				if r.EventNumber != nextRevision[r.StreamID] {
					t.Fatalf("turn %d: %s@%d, want %d", turn, r.StreamID, r.EventNumber, nextRevision[r.StreamID])
				}
				nextRevision[r.StreamID]++
				seen++
			}
			sub.Close()
		}
	})
}
