package node_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

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
