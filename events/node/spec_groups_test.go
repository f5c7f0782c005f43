package node_test

import (
	"testing"

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
