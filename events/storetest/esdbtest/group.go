package esdbtest

import (
	"context"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// Eager are settings under which checkpoints are stored at once.
func Eager(change func(*esdb.PersistentSubscriptionSettings)) *esdb.PersistentSubscriptionSettings {
	s := esdb.SubscriptionSettingsDefault()
	s.CheckpointLowerBound, s.CheckpointUpperBound, s.CheckpointAfter = 1, 1, 0
	if change != nil {
		change(&s)
	}
	return &s
}

// CreateGroup makes a group on the stream, from its start.
func CreateGroup(t testing.TB, client *esdb.Client, stream, group string, change func(*esdb.PersistentSubscriptionSettings)) {
	t.Helper()
	err := client.CreatePersistentSubscription(Within(t), stream, group,
		esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Start{}, Settings: Eager(change)})
	if err != nil {
		t.Fatalf("create group %s on %s: %v", group, stream, err)
	}
}

// A Consumer is a subscriber whose waits end.
type Consumer struct {
	*esdb.PersistentSubscription
	In chan *esdb.PersistentSubscriptionEvent // what comes; closed after it was dropped

	t testing.TB
}

// Join subscribes to the group until the test ends.
func Join(t testing.TB, client *esdb.Client, stream, group string, buffer uint32) *Consumer {
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
	c := &Consumer{PersistentSubscription: sub, t: t, In: make(chan *esdb.PersistentSubscriptionEvent)}
	ended := make(chan struct{})
	quit := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(c.In)
		for {
			e := sub.Recv()
			select {
			case c.In <- e:
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

// Next is the next event.
func (c *Consumer) Next() *esdb.EventAppeared {
	c.t.Helper()
	select {
	case e, ok := <-c.In:
		if !ok || e.EventAppeared == nil {
			c.t.Fatalf("got %+v, want an event", e)
		}
		return e.EventAppeared
	case <-time.After(Patience):
		c.t.Fatal("no event comes")
	}
	return nil
}

// Take receives n events and acknowledges them.
func (c *Consumer) Take(n int) []*esdb.EventAppeared {
	c.t.Helper()
	var got []*esdb.EventAppeared
	for range n {
		e := c.Next()
		got = append(got, e)
		c.Done(e)
	}
	return got
}

// Done acknowledges the events.
func (c *Consumer) Done(events ...*esdb.EventAppeared) {
	c.t.Helper()
	for _, e := range events {
		if err := c.Ack(e.Event); err != nil {
			c.t.Fatal(err)
		}
	}
}

// Refuse says of the events that they are not done, and what to do about it.
func (c *Consumer) Refuse(action esdb.NackAction, events ...*esdb.EventAppeared) {
	c.t.Helper()
	for _, e := range events {
		if err := c.Nack("because", action, e.Event); err != nil {
			c.t.Fatal(err)
		}
	}
}

// Dropped waits for the end of the subscription.
func (c *Consumer) Dropped() error {
	c.t.Helper()
	for {
		select {
		case e, ok := <-c.In:
			if !ok {
				c.t.Fatal("dropped already")
			}
			if e.SubscriptionDropped != nil {
				return e.SubscriptionDropped.Error
			}
		case <-time.After(Patience):
			c.t.Fatal("the subscription is not dropped")
		}
	}
}

// Expect receives exactly these events, in order, and acknowledges them.
func (c *Consumer) Expect(ids ...uuid.UUID) {
	c.t.Helper()
	for i, id := range ids {
		if e := c.Next(); e.Event.OriginalEvent().EventID != id {
			c.t.Fatalf("event %d is %s, want %s", i, e.Event.OriginalEvent().EventID, id)
		} else {
			c.Done(e)
		}
	}
}

// Info asks for the group's state.
func Info(t testing.TB, client *esdb.Client, stream, group string) *esdb.PersistentSubscriptionInfo {
	t.Helper()
	var got *esdb.PersistentSubscriptionInfo
	var err error
	if stream == "$all" {
		got, err = client.GetPersistentSubscriptionInfoToAll(Within(t), group, esdb.GetPersistentSubscriptionOptions{})
	} else {
		got, err = client.GetPersistentSubscriptionInfo(Within(t), stream, group, esdb.GetPersistentSubscriptionOptions{})
	}
	if err != nil {
		t.Fatalf("info of %s on %s: %v", group, stream, err)
	}
	return got
}

// UntilInfo asks for the group's info until it is as it should be: what a
// consumer sends has no answer to wait for.
func UntilInfo(t testing.TB, client *esdb.Client, stream, group string, is func(*esdb.PersistentSubscriptionInfo) bool) *esdb.PersistentSubscriptionInfo {
	t.Helper()
	for end := time.Now().Add(Patience); ; {
		got := Info(t, client, stream, group)
		if is(got) {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("the group stays at %+v", got.Stats)
		}
	}
}

// SettledAt says that the group's checkpoint is there and nothing is in flight.
func SettledAt(revision uint64) func(*esdb.PersistentSubscriptionInfo) bool {
	return func(i *esdb.PersistentSubscriptionInfo) bool {
		at := i.Stats.LastCheckpointedEventRevision
		return at != nil && *at == revision && i.Stats.TotalInFlightMessages == 0
	}
}

// HoldsParked says that so many events are parked.
func HoldsParked(n int64) func(*esdb.PersistentSubscriptionInfo) bool {
	return func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.ParkedMessagesCount == n }
}

// IDsOf are the events' ids.
func IDsOf(events []esdb.EventData) []uuid.UUID {
	var ids []uuid.UUID
	for _, e := range events {
		ids = append(ids, e.EventID)
	}
	return ids
}
