package spec

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

func (s *suite) persistentGroups(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("groups")
	esdbtest.CreateGroup(t, client, stream, "first", nil)
	err := client.CreatePersistentSubscription(esdbtest.Within(t), stream, "first", esdb.PersistentStreamSubscriptionOptions{})
	if esdbtest.CodeOf(err) != esdb.ErrorCodeResourceAlreadyExists {
		t.Errorf("a second group of the name: %v", err)
	}
	esdbtest.CreateGroup(t, client, stream, "second", nil)
	listed, err := client.ListPersistentSubscriptionsForStream(esdbtest.Within(t), stream, esdb.ListPersistentSubscriptionsOptions{})
	if err != nil || len(listed) != 2 {
		t.Errorf("listed %+v, %v", listed, err)
	}
	all, err := client.ListAllPersistentSubscriptions(esdbtest.Within(t), esdb.ListPersistentSubscriptionsOptions{})
	if err != nil || len(all) < 2 {
		t.Errorf("listed %+v, %v", all, err)
	}
	if err := client.DeletePersistentSubscription(esdbtest.Within(t), stream, "first", esdb.DeletePersistentSubscriptionOptions{}); err != nil {
		t.Errorf("delete: %v", err)
	}
	missing := map[string]error{
		"delete": client.DeletePersistentSubscription(esdbtest.Within(t), stream, "first", esdb.DeletePersistentSubscriptionOptions{}),
		"update": client.UpdatePersistentSubscription(esdbtest.Within(t), stream, "first", esdb.PersistentStreamSubscriptionOptions{Settings: esdbtest.Eager(nil)}),
		"replay": client.ReplayParkedMessages(esdbtest.Within(t), stream, "first", esdb.ReplayParkedMessagesOptions{}),
	}
	_, missing["info"] = client.GetPersistentSubscriptionInfo(esdbtest.Within(t), stream, "first", esdb.GetPersistentSubscriptionOptions{})
	_, missing["join"] = client.SubscribeToPersistentSubscription(esdbtest.Within(t), stream, "first", esdb.SubscribeToPersistentSubscriptionOptions{})
	_, missing["list"] = client.ListPersistentSubscriptionsForStream(esdbtest.Within(t), esdbtest.Unique("none"), esdb.ListPersistentSubscriptionsOptions{})
	for call, err := range missing {
		if esdbtest.CodeOf(err) != esdb.ErrorCodeResourceNotFound {
			t.Errorf("%s of a group that is not there: %v", call, err)
		}
	}
}

func (s *suite) persistentInfo(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("/info/ü")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(5)...)
	want := esdb.PersistentSubscriptionSettings{StartFrom: esdb.Revision(1), ResolveLinkTos: true, ExtraStatistics: true,
		MaxRetryCount: 3, CheckpointLowerBound: 1, CheckpointUpperBound: 2, MaxSubscriberCount: 4, LiveBufferSize: 50, ReadBatchSize: 6,
		HistoryBufferSize: 70, ConsumerStrategyName: esdb.ConsumerStrategyPinned, MessageTimeout: 8000, CheckpointAfter: 900}
	err := client.CreatePersistentSubscription(esdbtest.Within(t), stream, "a group", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Revision(1), Settings: &want})
	if err != nil {
		t.Fatal(err)
	}
	c := esdbtest.Join(t, client, stream, "a group", 3)
	first := c.Next()
	if first.Event.Event.EventNumber != 1 {
		t.Errorf("begins at %d", first.Event.Event.EventNumber)
	}
	c.Done(first)
	got := esdbtest.UntilInfo(t, client, stream, "a group", func(i *esdb.PersistentSubscriptionInfo) bool {
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
}

func (s *suite) persistentLimit(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("limit")
	esdbtest.CreateGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MaxSubscriberCount = 1 })
	first := esdbtest.Join(t, client, stream, "g", 1)
	_, err := client.SubscribeToPersistentSubscription(esdbtest.Within(t), stream, "g", esdb.SubscribeToPersistentSubscriptionOptions{})
	if esdbtest.StatusOf(err) != codes.FailedPrecondition {
		t.Errorf("one too many: %v", err)
	}
	first.Close()
	esdbtest.UntilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool { return len(i.Connections) == 0 })
	esdbtest.Join(t, client, stream, "g", 1)
}

func (s *suite) persistentUpdateAndDelete(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("update")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(3)...)
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	c := esdbtest.Join(t, client, stream, "g", 1)
	c.Take(1)
	esdbtest.UntilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.LastCheckpointedEventRevision != nil })
	settings := esdbtest.Eager(func(s *esdb.PersistentSubscriptionSettings) {
		s.ConsumerStrategyName, s.MaxRetryCount = esdb.ConsumerStrategyDispatchToSingle, 77
	})
	if err := client.UpdatePersistentSubscription(esdbtest.Within(t), stream, "g", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Start{}, Settings: settings}); err != nil {
		t.Fatal(err)
	}
	if err := c.Dropped(); esdbtest.StatusOf(err) != codes.Canceled {
		t.Errorf("dropped for an update with %v", err)
	}
	if got := esdbtest.Info(t, client, stream, "g").Settings; got.MaxRetryCount != 77 || got.ConsumerStrategyName != esdb.ConsumerStrategyDispatchToSingle {
		t.Errorf("updated to %+v", got)
	}
	c = esdbtest.Join(t, client, stream, "g", 10)
	if got := c.Take(2); got[0].Event.Event.EventNumber != 1 || got[1].Event.Event.EventNumber != 2 {
		t.Errorf("goes on with %d, %d", got[0].Event.Event.EventNumber, got[1].Event.Event.EventNumber)
	}
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.SettledAt(2))
	if err := client.DeletePersistentSubscription(esdbtest.Within(t), stream, "g", esdb.DeletePersistentSubscriptionOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Dropped(); esdbtest.StatusOf(err) != codes.NotFound {
		t.Errorf("dropped for a delete with %v", err)
	}
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	esdbtest.Join(t, client, stream, "g", 10).Take(3) // it remembers nothing
}

func (s *suite) persistentCheckpoints(t *testing.T, client *esdb.Client) {
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
		stream := esdbtest.Unique("checkpoint")
		esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(6)...)
		esdbtest.CreateGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) {
			s.CheckpointAfter, s.CheckpointLowerBound, s.CheckpointUpperBound = c.after, c.min, c.max
		})
		sub := esdbtest.Join(t, client, stream, "g", 6)
		sub.Take(c.take)
		got := esdbtest.UntilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
			at := i.Stats.LastCheckpointedEventRevision
			return i.Stats.TotalInFlightMessages == int64(6-c.take) && (c.want < 0 || at != nil && int64(*at) == c.want)
		})
		if at := got.Stats.LastCheckpointedEventRevision; c.want < 0 && at != nil {
			t.Errorf("%s: a checkpoint at %d", c.name, *at)
		}
	}
}

// persistentGap: a checkpoint never passes an event that is not done.
func (s *suite) persistentGap(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("gap")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(5)...)
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	c := esdbtest.Join(t, client, stream, "g", 10)
	var got []*esdb.EventAppeared
	for range 5 {
		got = append(got, c.Next())
	}
	c.Done(got[0], got[3], got[1], got[4])
	esdbtest.UntilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
		at := i.Stats.LastCheckpointedEventRevision
		return i.Stats.TotalInFlightMessages == 1 && at != nil && *at == 1
	})
	c.Done(got[2])
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.SettledAt(4))
}

// persistentDeletedStream: a group goes on with what is appended after
// its stream was deleted.
func (s *suite) persistentDeletedStream(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("deleted")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(3)...)
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	c := esdbtest.Join(t, client, stream, "g", 10)
	c.Take(3)
	esdbtest.Delete(t, client, stream)
	again := esdbtest.Numbered(2)
	esdbtest.Append(t, client, stream, esdb.Any{}, again...)
	c.Expect(esdbtest.IDsOf(again)...)
	esdbtest.Tombstone(t, client, stream)
	esdbtest.UntilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.TotalInFlightMessages == 0 })
}
