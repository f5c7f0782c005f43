package node_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// TestPersistentNothingIsLost: whatever consumers answer, each event is
// acknowledged or parked, and no acknowledged one is parked.
func TestPersistentNothingIsLost(t *testing.T) {
	t.Parallel()
	const count = 10_000
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	stream := unique("nothing")
	fill(t, client, stream, count)
	createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) {
		s.MaxRetryCount, s.ReadBatchSize, s.CheckpointUpperBound, s.CheckpointLowerBound = 50, 100, 500, 100
	})
	var mu sync.Mutex
	acked := map[uint64]bool{}
	done := make(chan struct{})
	for i := range 3 {
		c := join(t, client, stream, "g", 50)
		go func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for e := range c.In {
				if e.EventAppeared == nil {
					return
				}
				if random.IntN(4) == 0 {
					_ = c.Nack("at random", esdb.NackActionRetry, e.EventAppeared.Event)
					continue
				}
				_ = c.Ack(e.EventAppeared.Event)
				mu.Lock()
				before := len(acked)
				acked[e.EventAppeared.Event.Event.EventNumber] = true
				if len(acked) == count && before < count {
					close(done)
				}
				mu.Unlock()
			}
		}()
	}
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%d of %d are acknowledged: %+v", len(acked), count, info(t, client, stream, "g").Stats)
	}
	untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
		at := i.Stats.LastCheckpointedEventRevision
		return i.Stats.TotalInFlightMessages == 0 && i.Stats.RetryBufferCount == 0 && at != nil && *at > count-600
	})
	if got := info(t, client, stream, "g").Stats.ParkedMessagesCount; got != 0 {
		t.Errorf("%d are parked", got)
	}
}

// TestPersistentSlowConsumer: one that answers nothing holds up neither
// writers nor another group, and the group reads no further than its buffers.
func TestPersistentSlowConsumer(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	stream := unique("slow")
	createGroup(t, client, stream, "slow", func(s *esdb.PersistentSubscriptionSettings) {
		s.LiveBufferSize, s.HistoryBufferSize, s.ReadBatchSize = 20, 20, 10
	})
	createGroup(t, client, stream, "quick", nil)
	slow := join(t, client, stream, "slow", 5)
	quick := join(t, client, stream, "quick", 100)
	fill(t, client, stream, 5000)
	slow.Next()
	quick.Take(5000)
	got := info(t, client, stream, "slow").Stats
	if held := got.TotalInFlightMessages + got.ReadBufferCount + got.LiveBufferCount; held < 25 || held > 40 {
		t.Errorf("the slow group holds %d events: %+v", held, got)
	}
}

func TestPersistentStrategies(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	client, groups := connect(t, n.ConnectionString()), dialGroups(t, n)
	const count = 300
	for _, strategy := range []string{"RoundRobin", "DispatchToSingle", "Pinned", "PinnedByCorrelation"} {
		t.Run(strategy, func(t *testing.T) {
			category := unique(strategy)
			request := goodCreate("x", category)
			request.Options.Settings.ConsumerStrategy = strategy
			request.Options.StreamOption = &persistent.CreateReq_Options_All{All: &persistent.CreateReq_AllOptions{
				AllOption: &persistent.CreateReq_AllOptions_Start{Start: empty},
				FilterOption: &persistent.CreateReq_AllOptions_Filter{Filter: &persistent.CreateReq_AllOptions_FilterOptions{
					Filter: &persistent.CreateReq_AllOptions_FilterOptions_StreamIdentifier{
						StreamIdentifier: &persistent.CreateReq_AllOptions_FilterOptions_Expression{Prefix: []string{category + "/"}}}}}}}
			if _, err := groups.Create(within(t), request); err != nil {
				t.Fatal(err)
			}
			room := uint32(10)
			if strategy == "DispatchToSingle" {
				room = count // no other is needed
			}
			consumers := []*esdbtest.Consumer{join(t, client, "$all", category, room)}
			consumers = append(consumers, join(t, client, "$all", category, 10), join(t, client, "$all", category, 10))
			for i := range count {
				e := event("Kind")
				e.Metadata = fmt.Appendf(nil, `{"$correlationId":"c%d"}`, i%20)
				appendEvents(t, client, fmt.Sprintf("%s/%d", category, i%30), esdb.Any{}, e)
			}
			counts, byStream, byCorrelation := shareOut(t, consumers, count)
			t.Logf("shares %v", counts)
			switch together := byStream; strategy {
			case "RoundRobin":
				if slices.Min(counts) < count/6 {
					t.Errorf("shares %v", counts)
				}
			case "DispatchToSingle":
				if counts[0] != count {
					t.Errorf("shares %v", counts)
				}
			case "PinnedByCorrelation":
				together = byCorrelation
				fallthrough
			case "Pinned":
				for key, at := range together {
					if len(at) != 1 {
						t.Errorf("%s went to consumers %v", key, at)
					}
				}
				if slices.Min(counts) == 0 {
					t.Errorf("shares %v", counts)
				}
			}
		})
	}
}

// shareOut lets the consumers take what there is. It returns how many each
// took, and which consumers took what belongs together.
func shareOut(t *testing.T, consumers []*esdbtest.Consumer, count int) (counts []int, byStream, byCorrelation map[string]map[int]bool) {
	t.Helper()
	counts, byStream, byCorrelation = make([]int, len(consumers)), map[string]map[int]bool{}, map[string]map[int]bool{}
	note := func(in map[string]map[int]bool, key string, at int) {
		if in[key] == nil {
			in[key] = map[int]bool{}
		}
		in[key][at] = true
	}
	for total := 0; total < count; {
		var e *esdb.PersistentSubscriptionEvent
		var at int
		select {
		case e = <-consumers[0].In:
		case e = <-consumers[1].In:
			at = 1
		case e = <-consumers[2].In:
			at = 2
		case <-time.After(patience):
			t.Fatalf("%v of %d come", counts, count)
		}
		if e.EventAppeared == nil {
			t.Fatalf("got %+v", e)
		}
		r := e.EventAppeared.Event.Event
		note(byStream, r.StreamID, at)
		note(byCorrelation, string(r.UserMetadata), at)
		counts[at]++
		total++
		consumers[at].Done(e.EventAppeared)
	}
	return counts, byStream, byCorrelation
}
