package node_test

import (
	"context"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// eager are settings under which checkpoints are stored at once.
func eager(change func(*esdb.PersistentSubscriptionSettings)) *esdb.PersistentSubscriptionSettings {
	s := esdb.SubscriptionSettingsDefault()
	s.CheckpointLowerBound, s.CheckpointUpperBound, s.CheckpointAfter = 1, 1, 0
	if change != nil {
		change(&s)
	}
	return &s
}

// createGroup makes a group on the stream, from its start.
func createGroup(t testing.TB, client *esdb.Client, stream, group string, change func(*esdb.PersistentSubscriptionSettings)) {
	t.Helper()
	err := client.CreatePersistentSubscription(within(t), stream, group,
		esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Start{}, Settings: eager(change)})
	if err != nil {
		t.Fatalf("create group %s on %s: %v", group, stream, err)
	}
}

// consumer is a subscriber whose waits end.
type consumer struct {
	*esdb.PersistentSubscription
	t  testing.TB
	in chan *esdb.PersistentSubscriptionEvent
}

func join(t testing.TB, client *esdb.Client, stream, group string, buffer uint32) *consumer {
	t.Helper()
	options := esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: buffer}
	var sub *esdb.PersistentSubscription
	var err error
	if stream == "$all" {
		sub, err = client.SubscribeToPersistentSubscriptionToAll(context.Background(), group, options)
	} else {
		sub, err = client.SubscribeToPersistentSubscription(context.Background(), stream, group, options)
	}
	if err != nil {
		t.Fatalf("join %s on %s: %v", group, stream, err)
	}
	c := &consumer{PersistentSubscription: sub, t: t, in: make(chan *esdb.PersistentSubscriptionEvent)}
	ended := make(chan struct{})
	quit := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(c.in)
		for {
			e := sub.Recv()
			select {
			case c.in <- e:
			case <-quit:
				return
			}
			if e.SubscriptionDropped != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { close(quit); sub.Close(); <-ended })
	return c
}

func (c *consumer) next() *esdb.EventAppeared {
	c.t.Helper()
	select {
	case e, ok := <-c.in:
		if !ok || e.EventAppeared == nil {
			c.t.Fatalf("got %+v, want an event", e)
		}
		return e.EventAppeared
	case <-time.After(patience):
		c.t.Fatal("no event comes")
	}
	return nil
}

// take receives n events and acknowledges them.
func (c *consumer) take(n int) []*esdb.EventAppeared {
	c.t.Helper()
	var got []*esdb.EventAppeared
	for range n {
		e := c.next()
		got = append(got, e)
		c.ack(e)
	}
	return got
}

func (c *consumer) ack(events ...*esdb.EventAppeared) {
	c.t.Helper()
	for _, e := range events {
		if err := c.Ack(e.Event); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *consumer) nack(action esdb.NackAction, events ...*esdb.EventAppeared) {
	c.t.Helper()
	for _, e := range events {
		if err := c.Nack("because", action, e.Event); err != nil {
			c.t.Fatal(err)
		}
	}
}

// dropped waits for the end of the subscription.
func (c *consumer) dropped() error {
	c.t.Helper()
	for {
		select {
		case e, ok := <-c.in:
			if !ok {
				c.t.Fatal("dropped already")
			}
			if e.SubscriptionDropped != nil {
				return e.SubscriptionDropped.Error
			}
		case <-time.After(patience):
			c.t.Fatal("the subscription is not dropped")
		}
	}
}

// expect receives exactly these events, in order, and acknowledges them.
func (c *consumer) expect(ids ...uuid.UUID) {
	c.t.Helper()
	for i, id := range ids {
		if e := c.next(); e.Event.OriginalEvent().EventID != id {
			c.t.Fatalf("event %d is %s, want %s", i, e.Event.OriginalEvent().EventID, id)
		} else {
			c.ack(e)
		}
	}
}

func info(t testing.TB, client *esdb.Client, stream, group string) *esdb.PersistentSubscriptionInfo {
	t.Helper()
	var got *esdb.PersistentSubscriptionInfo
	var err error
	if stream == "$all" {
		got, err = client.GetPersistentSubscriptionInfoToAll(within(t), group, esdb.GetPersistentSubscriptionOptions{})
	} else {
		got, err = client.GetPersistentSubscriptionInfo(within(t), stream, group, esdb.GetPersistentSubscriptionOptions{})
	}
	if err != nil {
		t.Fatalf("info of %s on %s: %v", group, stream, err)
	}
	return got
}

// untilInfo asks for the group's info until it is as it should be: what a
// consumer sends has no answer to wait for.
func untilInfo(t testing.TB, client *esdb.Client, stream, group string, is func(*esdb.PersistentSubscriptionInfo) bool) *esdb.PersistentSubscriptionInfo {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		got := info(t, client, stream, group)
		if is(got) {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("the group stays at %+v", got.Stats)
		}
	}
}

func settledAt(revision uint64) func(*esdb.PersistentSubscriptionInfo) bool {
	return func(i *esdb.PersistentSubscriptionInfo) bool {
		at := i.Stats.LastCheckpointedEventRevision
		return at != nil && *at == revision && i.Stats.TotalInFlightMessages == 0
	}
}

func holdsParked(n int64) func(*esdb.PersistentSubscriptionInfo) bool {
	return func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.ParkedMessagesCount == n }
}

func idsOf(events []esdb.EventData) []uuid.UUID {
	var ids []uuid.UUID
	for _, e := range events {
		ids = append(ids, e.EventID)
	}
	return ids
}
