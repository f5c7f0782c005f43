package spec

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

func (s *suite) filter(t *testing.T, client *esdb.Client) {
	one, two := esdbtest.Unique("filter-one"), esdbtest.Unique("filter-two")
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
	first := esdbtest.Append(t, client, one, esdb.Any{}, esdbtest.Event("ItBegan"))
	esdbtest.SetMetadata(t, client, two, func(m *esdb.StreamMetadata) { m.SetMaxCount(100) })
	esdbtest.Append(t, client, two, esdb.Any{}, esdbtest.Event("Other"))
	last := esdbtest.Append(t, client, one, esdb.Any{}, esdbtest.Event("ItEnded"))
	from := esdb.Position{Commit: first.CommitPosition - 1, Prepare: first.PreparePosition - 1}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			sub := esdbtest.SubscribeAll(t, client, esdb.SubscribeToAllOptions{From: from, Filter: &c.filter})
			var got []string
			checkpoint := esdb.Position{}
			for {
				e := esdbtest.Next(t, sub)
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
	s.run(t, "a pattern that does not compile", func(t *testing.T) {
		_, err := client.SubscribeToAll(esdbtest.Within(t), esdb.SubscribeToAllOptions{Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "("}})
		if esdbtest.StatusOf(err) != codes.InvalidArgument {
			t.Fatalf("got %v", err)
		}
	})
}

func (s *suite) checkpoints(t *testing.T, client *esdb.Client) {
	begin := esdbtest.Append(t, client, esdbtest.Unique("checkpoint"), esdb.Any{}, esdbtest.Event("Begin"))
	from := esdb.Position{Commit: begin.CommitPosition, Prepare: begin.PreparePosition}
	wanted := esdbtest.Unique("checkpoint-wanted")
	for range 10 {
		esdbtest.Append(t, client, esdbtest.Unique("checkpoint-other"), esdb.Any{}, esdbtest.Numbered(99)...)
		esdbtest.Append(t, client, wanted, esdb.Any{}, esdbtest.Numbered(1)...)
	}
	filter := esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{wanted}}
	options := esdb.SubscribeToAllOptions{From: from, Filter: &filter, MaxSearchWindow: 25, CheckpointInterval: 2}

	checkpoints, last := []esdb.Position{}, from.Commit
	sub := esdbtest.SubscribeAll(t, client, options)
	for caughtUp := false; !caughtUp; {
		e := esdbtest.Next(t, sub)
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
			if e := esdbtest.ReadStream(t, client, wanted, esdb.ReadStreamOptions{From: esdb.Revision(r)}, 1); e[0].Event.Position.Commit > c.Commit {
				want = append(want, r)
			}
		}
		if got := esdbtest.Numbers(esdbtest.UntilCaughtUp(t, esdbtest.SubscribeAll(t, client, options))); !slices.Equal(got, want) {
			t.Errorf("from the checkpoint at %d came %d, want %d", c.Commit, got, want)
		}
	}
	// One that is live is told too how far the log has been searched.
	end := esdbtest.Append(t, client, esdbtest.Unique("checkpoint-other"), esdb.Any{}, esdbtest.Numbered(60)...)
	for {
		if e := esdbtest.Next(t, sub); e.CheckPointReached != nil {
			if c := e.CheckPointReached.Commit; c <= last || c > end.CommitPosition {
				t.Errorf("live checkpoint at %d, between %d and %d", c, last, end.CommitPosition)
			}
			return
		}
	}
}

// noGapUnderWriters follows the log while it is written to, leaves and
// comes back again and again, and misses nothing and sees nothing twice.
func (s *suite) noGapUnderWriters(t *testing.T, client *esdb.Client) {
	const writers, each, stay = 8, 250, 97
	prefix := esdbtest.Unique("gapless")
	begin := esdbtest.Append(t, client, esdbtest.Unique("begin"), esdb.Any{}, esdbtest.Event("Begin"))
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range each {
				_, err := client.AppendToStream(context.Background(), fmt.Sprintf("%s-%d", prefix, w), esdb.AppendToStreamOptions{}, esdbtest.Event("Gapless"))
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
		sub := esdbtest.SubscribeAll(t, client, esdb.SubscribeToAllOptions{From: position, Filter: filters[turn%2]})
		for n := 0; n < stay && seen < writers*each; n++ {
			e := esdbtest.Next(t, sub)
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
}
