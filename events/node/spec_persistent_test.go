package node_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

func TestSpecPersistentGroups(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("groups")
		createGroup(t, client, stream, "first", nil)
		err := client.CreatePersistentSubscription(within(t), stream, "first", esdb.PersistentStreamSubscriptionOptions{})
		if codeOf(err) != esdb.ErrorCodeResourceAlreadyExists {
			t.Errorf("a second group of the name: %v", err)
		}
		createGroup(t, client, stream, "second", nil)
		listed, err := client.ListPersistentSubscriptionsForStream(within(t), stream, esdb.ListPersistentSubscriptionsOptions{})
		if err != nil || len(listed) != 2 {
			t.Errorf("listed %+v, %v", listed, err)
		}
		all, err := client.ListAllPersistentSubscriptions(within(t), esdb.ListPersistentSubscriptionsOptions{})
		if err != nil || len(all) < 2 {
			t.Errorf("listed %+v, %v", all, err)
		}
		if err := client.DeletePersistentSubscription(within(t), stream, "first", esdb.DeletePersistentSubscriptionOptions{}); err != nil {
			t.Errorf("delete: %v", err)
		}
		missing := map[string]error{
			"delete": client.DeletePersistentSubscription(within(t), stream, "first", esdb.DeletePersistentSubscriptionOptions{}),
			"update": client.UpdatePersistentSubscription(within(t), stream, "first", esdb.PersistentStreamSubscriptionOptions{Settings: eager(nil)}),
			"replay": client.ReplayParkedMessages(within(t), stream, "first", esdb.ReplayParkedMessagesOptions{}),
		}
		_, missing["info"] = client.GetPersistentSubscriptionInfo(within(t), stream, "first", esdb.GetPersistentSubscriptionOptions{})
		_, missing["join"] = client.SubscribeToPersistentSubscription(within(t), stream, "first", esdb.SubscribeToPersistentSubscriptionOptions{})
		_, missing["list"] = client.ListPersistentSubscriptionsForStream(within(t), unique("none"), esdb.ListPersistentSubscriptionsOptions{})
		for call, err := range missing {
			if codeOf(err) != esdb.ErrorCodeResourceNotFound {
				t.Errorf("%s of a group that is not there: %v", call, err)
			}
		}
	})
}

func TestSpecPersistentInfo(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("/info/ü")
		appendEvents(t, client, stream, esdb.Any{}, numbered(5)...)
		want := esdb.PersistentSubscriptionSettings{StartFrom: esdb.Revision(1), ResolveLinkTos: true, ExtraStatistics: true,
			MaxRetryCount: 3, CheckpointLowerBound: 1, CheckpointUpperBound: 2, MaxSubscriberCount: 4, LiveBufferSize: 50, ReadBatchSize: 6,
			HistoryBufferSize: 70, ConsumerStrategyName: esdb.ConsumerStrategyPinned, MessageTimeout: 8000, CheckpointAfter: 900}
		err := client.CreatePersistentSubscription(within(t), stream, "a group", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Revision(1), Settings: &want})
		if err != nil {
			t.Fatal(err)
		}
		c := join(t, client, stream, "a group", 3)
		first := c.next()
		if first.Event.Event.EventNumber != 1 {
			t.Errorf("begins at %d", first.Event.Event.EventNumber)
		}
		c.ack(first)
		got := untilInfo(t, client, stream, "a group", func(i *esdb.PersistentSubscriptionInfo) bool {
			return len(i.Connections) == 1 && len(i.Connections[0].ExtraStatistics) > 0 && i.Stats.TotalInFlightMessages == 3
		})
		if *got.Settings != want {
			t.Errorf("settings %+v, want %+v", *got.Settings, want)
		}
		if got.EventSource != stream || got.GroupName != "a group" || *got.Stats.LastKnownEventRevision != 4 || got.Stats.TotalItems != 4 {
			t.Errorf("got %+v, %+v", got, got.Stats)
		}
		if one := got.Connections[0]; one.InFlightMessages != 3 || one.AvailableSlots != 0 || one.TotalItemsProcessed != 4 || one.From == "" {
			t.Errorf("connection %+v", one)
		}
	})
}

func TestSpecPersistentNack(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("nack")
		events := numbered(4)
		appendEvents(t, client, stream, esdb.Any{}, events...)
		createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MaxRetryCount = 2 })
		c := join(t, client, stream, "g", 1)

		for want := range 3 { // given once and retried twice, then parked
			e := c.next()
			if e.Event.Event.EventID != events[0].EventID || e.RetryCount != want {
				t.Fatalf("got %s with retry count %d, want %d", e.Event.Event.EventID, e.RetryCount, want)
			}
			c.nack(esdb.NackActionRetry, e)
		}
		e := c.next()
		if e.Event.Event.EventID != events[1].EventID {
			t.Fatalf("after the retries comes %s", e.Event.Event.EventID)
		}
		c.nack(esdb.NackActionSkip, e)
		if e = c.next(); e.Event.Event.EventID != events[2].EventID {
			t.Fatalf("after the skipped comes %s", e.Event.Event.EventID)
		}
		c.nack(esdb.NackActionPark, e)
		c.expect(events[3].EventID)
		untilInfo(t, client, stream, "g", settledAt(3))
		parked := readStream(t, client, "$persistentsubscription-"+stream+"::g-parked", esdb.ReadStreamOptions{ResolveLinkTos: true}, 10)
		if len(parked) != 2 || parked[0].Event.EventID != events[0].EventID || parked[1].Event.EventID != events[2].EventID {
			t.Fatalf("parked %+v", parked)
		}
		var why struct{ Reason string }
		if err := json.Unmarshal(parked[1].Link.UserMetadata, &why); err != nil || why.Reason != "because" {
			t.Errorf("parked for %q, %v", parked[1].Link.UserMetadata, err)
		}
		untilInfo(t, client, stream, "g", holdsParked(2))
	})
}

func TestSpecPersistentTimeout(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("timeout")
		events := numbered(2)
		appendEvents(t, client, stream, esdb.Any{}, events...)
		createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MaxRetryCount, s.MessageTimeout = 2, 100 })
		c := join(t, client, stream, "g", 1)
		for want := range 3 {
			if e := c.next(); e.Event.Event.EventID != events[0].EventID || e.RetryCount != want {
				t.Fatalf("got %s with retry count %d, want %d", e.Event.Event.EventID, e.RetryCount, want)
			}
		}
		c.expect(events[1].EventID)
		untilInfo(t, client, stream, "g", holdsParked(1))
	})
}

func TestSpecPersistentStop(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("stop")
		appendEvents(t, client, stream, esdb.Any{}, numbered(2)...)
		createGroup(t, client, stream, "g", nil)
		first := join(t, client, stream, "g", 10)
		first.nack(esdb.NackActionStop, first.next())
		if err := first.dropped(); grpcCode(err) != codes.Canceled {
			t.Errorf("who stops gets %v", err)
		}
		got := join(t, client, stream, "g", 10).take(2)
		if got[0].Event.Event.EventNumber != 0 || got[0].RetryCount != 1 {
			t.Errorf("another one gets %d with retry count %d", got[0].Event.Event.EventNumber, got[0].RetryCount)
		}
	})
}

func TestSpecPersistentLimit(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("limit")
		createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MaxSubscriberCount = 1 })
		first := join(t, client, stream, "g", 1)
		_, err := client.SubscribeToPersistentSubscription(within(t), stream, "g", esdb.SubscribeToPersistentSubscriptionOptions{})
		if grpcCode(err) != codes.FailedPrecondition {
			t.Errorf("one too many: %v", err)
		}
		first.Close()
		untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool { return len(i.Connections) == 0 })
		join(t, client, stream, "g", 1)
	})
}

func TestSpecPersistentReplay(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("replay")
		events := numbered(5)
		appendEvents(t, client, stream, esdb.Any{}, events...)
		createGroup(t, client, stream, "g", nil)
		c := join(t, client, stream, "g", 10)
		for range 5 {
			c.nack(esdb.NackActionPark, c.next())
		}
		untilInfo(t, client, stream, "g", holdsParked(5))
		if err := client.ReplayParkedMessages(within(t), stream, "g", esdb.ReplayParkedMessagesOptions{StopAt: 2}); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			e := c.next()
			if e.Event.Event.EventID != events[i].EventID || e.Event.Link == nil {
				t.Errorf("replayed %+v, want %s", e.Event, events[i].EventID)
			}
			c.ack(e)
		}
		untilInfo(t, client, stream, "g", holdsParked(3))
		if err := client.ReplayParkedMessages(within(t), stream, "g", esdb.ReplayParkedMessagesOptions{}); err != nil {
			t.Fatal(err)
		}
		c.nack(esdb.NackActionPark, c.next()) // it is parked again
		c.take(2)
		untilInfo(t, client, stream, "g", holdsParked(1))
	})
}

func TestSpecPersistentLinks(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		origin, stream := unique("origin"), unique("links")
		events := numbered(1)
		appendEvents(t, client, origin, esdb.Any{}, events...)
		link := func(data string) esdb.EventData {
			return esdb.EventData{EventType: "$>", ContentType: esdb.ContentTypeBinary, Data: []byte(data)}
		}
		appendEvents(t, client, stream, esdb.Any{}, link("0@"+origin), link("7@"+origin), link("no link"))
		for _, resolve := range []bool{true, false} {
			group := unique("g")
			createGroup(t, client, stream, group, func(s *esdb.PersistentSubscriptionSettings) { s.ResolveLinkTos = resolve })
			c := join(t, client, stream, group, 10)
			got := c.take(3)
			if !resolve {
				if got[0].Event.Link != nil || got[0].Event.Event.EventType != "$>" {
					t.Errorf("unresolved: %+v", got[0].Event)
				}
				continue
			}
			if e := got[0].Event; e.Event == nil || e.Event.EventID != events[0].EventID || e.Link == nil {
				t.Errorf("resolved: %+v", e)
			}
			if got[1].Event.Event != nil || got[1].Event.Link == nil || got[2].Event.Event != nil {
				t.Errorf("links that lead nowhere: %+v, %+v", got[1].Event, got[2].Event)
			}
			untilInfo(t, client, stream, group, settledAt(2))
		}
	})
}

func TestSpecPersistentEnd(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("end")
		appendEvents(t, client, stream, esdb.Any{}, numbered(3)...)
		if err := client.CreatePersistentSubscription(within(t), stream, "g", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.End{}}); err != nil {
			t.Fatal(err)
		}
		late := numbered(2)
		appendEvents(t, client, stream, esdb.Any{}, late[0])
		c := join(t, client, stream, "g", 10)
		appendEvents(t, client, stream, esdb.Any{}, late[1])
		c.expect(idsOf(late)...)
	})
}

func TestSpecPersistentToAll(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		mine := unique("mine")
		early := numbered(2)
		at := appendEvents(t, client, mine, esdb.Any{}, early...)
		for name, filter := range map[string]*esdb.SubscriptionFilter{
			"prefix":  {Type: esdb.StreamFilterType, Prefixes: []string{mine}},
			"pattern": {Type: esdb.StreamFilterType, Regex: "^" + mine + "$"},
			"type":    {Type: esdb.EventFilterType, Prefixes: []string{"Numbered"}},
		} {
			t.Run(name, func(t *testing.T) {
				group := unique("all")
				err := client.CreatePersistentSubscriptionToAll(within(t), group, esdb.PersistentAllSubscriptionOptions{
					StartFrom: esdb.Position{Commit: at.CommitPosition, Prepare: at.PreparePosition}, Filter: filter, Settings: eager(nil)})
				if err != nil {
					t.Fatal(err)
				}
				c := join(t, client, "$all", group, 10)
				c.expect(early[1].EventID) // the position is inclusive
				appendEvents(t, client, unique("other"), esdb.Any{}, event("Other"))
				more := numbered(2)
				appendEvents(t, client, mine, esdb.Any{}, more...)
				for seen := 0; seen < 2; {
					e := c.next()
					c.ack(e)
					if slices.Contains(idsOf(more), e.Event.Event.EventID) {
						seen++
					} else if name != "type" && e.Event.Event.StreamID != mine {
						t.Errorf("the filter lets through %s", e.Event.Event.StreamID)
					}
				}
				got := untilInfo(t, client, "$all", group, func(i *esdb.PersistentSubscriptionInfo) bool {
					return i.Stats.LastCheckpointedPosition != nil && i.Stats.TotalInFlightMessages == 0
				})
				if got.EventSource != "$all" {
					t.Errorf("source %q", got.EventSource)
				}
				if err := client.DeletePersistentSubscriptionToAll(within(t), group, esdb.DeletePersistentSubscriptionOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

func TestSpecPersistentUpdateAndDelete(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("update")
		appendEvents(t, client, stream, esdb.Any{}, numbered(3)...)
		createGroup(t, client, stream, "g", nil)
		c := join(t, client, stream, "g", 1)
		c.take(1)
		untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.LastCheckpointedEventRevision != nil })
		settings := eager(func(s *esdb.PersistentSubscriptionSettings) {
			s.ConsumerStrategyName, s.MaxRetryCount = esdb.ConsumerStrategyDispatchToSingle, 77
		})
		if err := client.UpdatePersistentSubscription(within(t), stream, "g", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Start{}, Settings: settings}); err != nil {
			t.Fatal(err)
		}
		if err := c.dropped(); grpcCode(err) != codes.Canceled {
			t.Errorf("dropped for an update with %v", err)
		}
		if got := info(t, client, stream, "g").Settings; got.MaxRetryCount != 77 || got.ConsumerStrategyName != esdb.ConsumerStrategyDispatchToSingle {
			t.Errorf("updated to %+v", got)
		}
		c = join(t, client, stream, "g", 10)
		if got := c.take(2); got[0].Event.Event.EventNumber != 1 || got[1].Event.Event.EventNumber != 2 {
			t.Errorf("goes on with %d, %d", got[0].Event.Event.EventNumber, got[1].Event.Event.EventNumber)
		}
		untilInfo(t, client, stream, "g", settledAt(2))
		if err := client.DeletePersistentSubscription(within(t), stream, "g", esdb.DeletePersistentSubscriptionOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := c.dropped(); grpcCode(err) != codes.NotFound {
			t.Errorf("dropped for a delete with %v", err)
		}
		createGroup(t, client, stream, "g", nil)
		join(t, client, stream, "g", 10).take(3) // it remembers nothing
	})
}

func TestSpecPersistentVanished(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("vanished")
		appendEvents(t, client, stream, esdb.Any{}, numbered(10)...)
		createGroup(t, client, stream, "g", nil)
		first := join(t, client, stream, "g", 4)
		first.next()
		first.next()
		first.Close()
		second := join(t, client, stream, "g", 10)
		got := map[uint64]int{}
		for _, e := range second.take(10) {
			got[e.Event.Event.EventNumber] = e.RetryCount
		}
		if len(got) != 10 || got[0] != 1 || got[1] != 1 || got[9] != 0 {
			t.Errorf("revisions and retry counts %v", got)
		}
	})
}

func TestSpecPersistentWithoutTimeout(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("patient")
		events := numbered(2)
		appendEvents(t, client, stream, esdb.Any{}, events...)
		createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MessageTimeout = 0 })
		c := join(t, client, stream, "g", 2)
		first := c.next()
		c.expect(events[1].EventID)
		select {
		case e := <-c.in:
			t.Errorf("without a timeout comes %+v", e)
		case <-time.After(200 * time.Millisecond):
		}
		c.ack(first)
		untilInfo(t, client, stream, "g", settledAt(1))
	})
}

func TestSpecPersistentCheckpoints(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		const hour = 3_600_000
		for _, c := range []struct {
			name            string
			after, min, max int32
			take            int
			want            int64 // the checkpoint; -1 none
		}{
			{"the minimum is not reached", 1, 5, 100, 4, -1},
			{"the minimum is reached", 1, 5, 100, 5, 4},
			{"the maximum is not reached", hour, 1, 4, 3, -1},
			{"the maximum is reached", hour, 1, 4, 4, 3},
			{"one by one", hour, 1, 1, 2, 1},
		} {
			stream := unique("checkpoint")
			appendEvents(t, client, stream, esdb.Any{}, numbered(6)...)
			createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) {
				s.CheckpointAfter, s.CheckpointLowerBound, s.CheckpointUpperBound = c.after, c.min, c.max
			})
			sub := join(t, client, stream, "g", 6)
			sub.take(c.take)
			got := untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
				at := i.Stats.LastCheckpointedEventRevision
				return i.Stats.TotalInFlightMessages == int64(6-c.take) && (c.want < 0 || at != nil && int64(*at) == c.want)
			})
			if at := got.Stats.LastCheckpointedEventRevision; c.want < 0 && at != nil {
				t.Errorf("%s: a checkpoint at %d", c.name, *at)
			}
		}
	})
}

// TestSpecPersistentGap: a checkpoint never passes an event that is not done.
func TestSpecPersistentGap(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("gap")
		appendEvents(t, client, stream, esdb.Any{}, numbered(5)...)
		createGroup(t, client, stream, "g", nil)
		c := join(t, client, stream, "g", 10)
		var got []*esdb.EventAppeared
		for range 5 {
			got = append(got, c.next())
		}
		c.ack(got[0], got[3], got[1], got[4])
		untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
			at := i.Stats.LastCheckpointedEventRevision
			return i.Stats.TotalInFlightMessages == 1 && at != nil && *at == 1
		})
		c.ack(got[2])
		untilInfo(t, client, stream, "g", settledAt(4))
	})
}

// TestSpecPersistentDeletedStream: a group goes on with what is appended after
// its stream was deleted.
func TestSpecPersistentDeletedStream(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("deleted")
		appendEvents(t, client, stream, esdb.Any{}, numbered(3)...)
		createGroup(t, client, stream, "g", nil)
		c := join(t, client, stream, "g", 10)
		c.take(3)
		deleteStream(t, client, stream)
		again := numbered(2)
		appendEvents(t, client, stream, esdb.Any{}, again...)
		c.expect(idsOf(again)...)
		tombstone(t, client, stream)
		untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.TotalInFlightMessages == 0 })
	})
}
