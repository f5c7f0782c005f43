package spec

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

func (s *suite) persistentNack(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("nack")
	events := esdbtest.Numbered(4)
	esdbtest.Append(t, client, stream, esdb.Any{}, events...)
	esdbtest.CreateGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MaxRetryCount = 2 })
	c := esdbtest.Join(t, client, stream, "g", 1)

	for want := range 3 { // given once and retried twice, then parked
		e := c.Next()
		if e.Event.Event.EventID != events[0].EventID || e.RetryCount != want {
			t.Fatalf("got %s with retry count %d, want %d", e.Event.Event.EventID, e.RetryCount, want)
		}
		c.Refuse(esdb.NackActionRetry, e)
	}
	e := c.Next()
	if e.Event.Event.EventID != events[1].EventID {
		t.Fatalf("after the retries comes %s", e.Event.Event.EventID)
	}
	c.Refuse(esdb.NackActionSkip, e)
	if e = c.Next(); e.Event.Event.EventID != events[2].EventID {
		t.Fatalf("after the skipped comes %s", e.Event.Event.EventID)
	}
	c.Refuse(esdb.NackActionPark, e)
	c.Expect(events[3].EventID)
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.SettledAt(3))
	parked := esdbtest.ReadStream(t, client, "$persistentsubscription-"+stream+"::g-parked", esdb.ReadStreamOptions{ResolveLinkTos: true}, 10)
	if len(parked) != 2 || parked[0].Event.EventID != events[0].EventID || parked[1].Event.EventID != events[2].EventID {
		t.Fatalf("parked %+v", parked)
	}
	var why struct{ Reason string }
	if err := json.Unmarshal(parked[1].Link.UserMetadata, &why); err != nil || why.Reason != "because" {
		t.Errorf("parked for %q, %v", parked[1].Link.UserMetadata, err)
	}
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.HoldsParked(2))
}

func (s *suite) persistentTimeout(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("timeout")
	events := esdbtest.Numbered(2)
	esdbtest.Append(t, client, stream, esdb.Any{}, events...)
	esdbtest.CreateGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MaxRetryCount, s.MessageTimeout = 2, 100 })
	c := esdbtest.Join(t, client, stream, "g", 1)
	for want := range 3 {
		if e := c.Next(); e.Event.Event.EventID != events[0].EventID || e.RetryCount != want {
			t.Fatalf("got %s with retry count %d, want %d", e.Event.Event.EventID, e.RetryCount, want)
		}
	}
	c.Expect(events[1].EventID)
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.HoldsParked(1))
}

func (s *suite) persistentStop(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("stop")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(2)...)
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	first := esdbtest.Join(t, client, stream, "g", 10)
	first.Refuse(esdb.NackActionStop, first.Next())
	if err := first.Dropped(); esdbtest.StatusOf(err) != codes.Canceled {
		t.Errorf("who stops gets %v", err)
	}
	got := esdbtest.Join(t, client, stream, "g", 10).Take(2)
	if got[0].Event.Event.EventNumber != 0 || got[0].RetryCount != 1 {
		t.Errorf("another one gets %d with retry count %d", got[0].Event.Event.EventNumber, got[0].RetryCount)
	}
}

func (s *suite) persistentReplay(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("replay")
	events := esdbtest.Numbered(5)
	esdbtest.Append(t, client, stream, esdb.Any{}, events...)
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	c := esdbtest.Join(t, client, stream, "g", 10)
	for range 5 {
		c.Refuse(esdb.NackActionPark, c.Next())
	}
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.HoldsParked(5))
	if err := client.ReplayParkedMessages(esdbtest.Within(t), stream, "g", esdb.ReplayParkedMessagesOptions{StopAt: 2}); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		e := c.Next()
		if e.Event.Event.EventID != events[i].EventID || e.Event.Link == nil {
			t.Errorf("replayed %+v, want %s", e.Event, events[i].EventID)
		}
		c.Done(e)
	}
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.HoldsParked(3))
	if err := client.ReplayParkedMessages(esdbtest.Within(t), stream, "g", esdb.ReplayParkedMessagesOptions{}); err != nil {
		t.Fatal(err)
	}
	c.Refuse(esdb.NackActionPark, c.Next()) // it is parked again
	c.Take(2)
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.HoldsParked(1))
}

func (s *suite) persistentLinks(t *testing.T, client *esdb.Client) {
	origin, stream := esdbtest.Unique("origin"), esdbtest.Unique("links")
	events := esdbtest.Numbered(1)
	esdbtest.Append(t, client, origin, esdb.Any{}, events...)
	link := func(data string) esdb.EventData {
		return esdb.EventData{EventType: "$>", ContentType: esdb.ContentTypeBinary, Data: []byte(data)}
	}
	esdbtest.Append(t, client, stream, esdb.Any{}, link("0@"+origin), link("7@"+origin), link("no link"))
	for _, resolve := range []bool{true, false} {
		group := esdbtest.Unique("g")
		esdbtest.CreateGroup(t, client, stream, group, func(s *esdb.PersistentSubscriptionSettings) { s.ResolveLinkTos = resolve })
		c := esdbtest.Join(t, client, stream, group, 10)
		got := c.Take(3)
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
		esdbtest.UntilInfo(t, client, stream, group, esdbtest.SettledAt(2))
	}
}

func (s *suite) persistentEnd(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("end")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(3)...)
	if err := client.CreatePersistentSubscription(esdbtest.Within(t), stream, "g", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.End{}}); err != nil {
		t.Fatal(err)
	}
	late := esdbtest.Numbered(2)
	esdbtest.Append(t, client, stream, esdb.Any{}, late[0])
	c := esdbtest.Join(t, client, stream, "g", 10)
	esdbtest.Append(t, client, stream, esdb.Any{}, late[1])
	c.Expect(esdbtest.IDsOf(late)...)
}

func (s *suite) persistentToAll(t *testing.T, client *esdb.Client) {
	mine := esdbtest.Unique("mine")
	early := esdbtest.Numbered(2)
	at := esdbtest.Append(t, client, mine, esdb.Any{}, early...)
	for name, filter := range map[string]*esdb.SubscriptionFilter{
		"prefix":  {Type: esdb.StreamFilterType, Prefixes: []string{mine}},
		"pattern": {Type: esdb.StreamFilterType, Regex: "^" + mine + "$"},
		"type":    {Type: esdb.EventFilterType, Prefixes: []string{"Numbered"}},
	} {
		s.run(t, name, func(t *testing.T) {
			group := esdbtest.Unique("all")
			err := client.CreatePersistentSubscriptionToAll(esdbtest.Within(t), group, esdb.PersistentAllSubscriptionOptions{
				StartFrom: esdb.Position{Commit: at.CommitPosition, Prepare: at.PreparePosition}, Filter: filter, Settings: esdbtest.Eager(nil)})
			if err != nil {
				t.Fatal(err)
			}
			c := esdbtest.Join(t, client, "$all", group, 10)
			c.Expect(early[1].EventID) // the position is inclusive
			esdbtest.Append(t, client, esdbtest.Unique("other"), esdb.Any{}, esdbtest.Event("Other"))
			more := esdbtest.Numbered(2)
			esdbtest.Append(t, client, mine, esdb.Any{}, more...)
			for seen := 0; seen < 2; {
				e := c.Next()
				c.Done(e)
				if slices.Contains(esdbtest.IDsOf(more), e.Event.Event.EventID) {
					seen++
				} else if name != "type" && e.Event.Event.StreamID != mine {
					t.Errorf("the filter lets through %s", e.Event.Event.StreamID)
				}
			}
			got := esdbtest.UntilInfo(t, client, "$all", group, func(i *esdb.PersistentSubscriptionInfo) bool {
				return i.Stats.LastCheckpointedPosition != nil && i.Stats.TotalInFlightMessages == 0
			})
			if got.EventSource != "$all" {
				t.Errorf("source %q", got.EventSource)
			}
			if err := client.DeletePersistentSubscriptionToAll(esdbtest.Within(t), group, esdb.DeletePersistentSubscriptionOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func (s *suite) persistentVanished(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("vanished")
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(10)...)
	esdbtest.CreateGroup(t, client, stream, "g", nil)
	first := esdbtest.Join(t, client, stream, "g", 4)
	first.Next()
	first.Next()
	first.Close()
	second := esdbtest.Join(t, client, stream, "g", 10)
	got := map[uint64]int{}
	for _, e := range second.Take(10) {
		got[e.Event.Event.EventNumber] = e.RetryCount
	}
	if len(got) != 10 || got[0] != 1 || got[1] != 1 || got[9] != 0 {
		t.Errorf("revisions and retry counts %v", got)
	}
}

func (s *suite) persistentWithoutTimeout(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("patient")
	events := esdbtest.Numbered(2)
	esdbtest.Append(t, client, stream, esdb.Any{}, events...)
	esdbtest.CreateGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) { s.MessageTimeout = 0 })
	c := esdbtest.Join(t, client, stream, "g", 2)
	first := c.Next()
	c.Expect(events[1].EventID)
	select {
	case e := <-c.In:
		t.Errorf("without a timeout comes %+v", e)
	case <-time.After(200 * time.Millisecond):
	}
	c.Done(first)
	esdbtest.UntilInfo(t, client, stream, "g", esdbtest.SettledAt(1))
}
