package node_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// TestPersistentToAllIsQuiet: groups on everything do not store checkpoints of
// their own checkpoints, or park what they parked, for ever.
func TestPersistentToAllIsQuiet(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	groups := []string{"one", "two"}
	for _, group := range groups {
		err := client.CreatePersistentSubscriptionToAll(within(t), group, esdb.PersistentAllSubscriptionOptions{StartFrom: esdb.Start{}, Settings: eager(nil)})
		if err != nil {
			t.Fatal(err)
		}
	}
	appendEvents(t, client, unique("s"), esdb.Any{}, event("Only"))
	for _, group := range groups {
		c := join(t, client, "$all", group, 10)
		go func() {
			for e := range c.In {
				if e.EventAppeared == nil {
					return
				}
				action := esdb.NackActionSkip
				if e.EventAppeared.Event.Event.EventType == "Only" {
					action = esdb.NackActionPark
				}
				_ = c.Nack("", action, e.EventAppeared.Event)
			}
		}()
	}
	length := func() int {
		for _, group := range groups {
			for range 20 { // each question is one turn of the group
				untilInfo(t, client, "$all", group, func(i *esdb.PersistentSubscriptionInfo) bool {
					return i.Stats.TotalInFlightMessages == 0 && i.Stats.ParkedMessagesCount == 1
				})
			}
		}
		all, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{}, 1000))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	length() // the last of what they show each other
	if first, second := length(), length(); first != second {
		t.Errorf("the log grows from %d to %d events by itself", first, second)
	}
}

func TestPersistentRestartSubsystem(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	stream := unique("subsystem")
	appendEvents(t, client, stream, esdb.Any{}, numbered(4)...)
	createGroup(t, client, stream, "g", nil)
	c := join(t, client, stream, "g", 10)
	c.Take(2)
	untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
		return i.Stats.LastCheckpointedEventRevision != nil && *i.Stats.LastCheckpointedEventRevision == 1
	})
	if err := client.RestartPersistentSubscriptionSubsystem(within(t), esdb.RestartPersistentSubscriptionSubsystemOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Dropped(); grpcCode(err) != codes.Canceled {
		t.Errorf("dropped with %v", err)
	}
	if got := join(t, client, stream, "g", 10).Take(2); got[0].Event.Event.EventNumber != 2 {
		t.Errorf("goes on with %d", got[0].Event.Event.EventNumber)
	}
}

// TestPersistentCloseLeavesNothing does not run beside other tests: it counts
// goroutines.
func TestPersistentCloseLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	config, err := esdb.ParseConnectionString(n.ConnectionString())
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	stream := unique("leak")
	createGroup(t, client, stream, "g", nil)
	var subs []*esdb.PersistentSubscription
	for range 3 {
		sub, err := client.SubscribeToPersistentSubscription(context.Background(), stream, "g", esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: 100})
		if err != nil {
			t.Fatal(err)
		}
		subs = append(subs, sub)
	}
	// The third reads nothing of what is more than its connection's buffers hold.
	for range 30 {
		appendEvents(t, client, stream, esdb.Any{}, esdb.EventData{EventType: "Large", Data: make([]byte, 500_000)})
	}
	subs[0].Recv()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	for _, sub := range subs[:2] {
		for {
			if e := sub.Recv(); e.SubscriptionDropped != nil {
				if grpcCode(e.SubscriptionDropped.Error) != codes.Unavailable {
					t.Errorf("dropped with %v", e.SubscriptionDropped.Error)
				}
				break
			}
		}
	}
	for _, sub := range subs {
		sub.Close()
	}
	if err := client.Close(); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}

// TestPersistentOneIDTwice: events with the same id are two events.
func TestPersistentOneIDTwice(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	prefix := unique("twin")
	e := event("Twin")
	for _, suffix := range []string{"a", "b", "c"} {
		appendEvents(t, client, prefix+suffix, esdb.Any{}, e)
	}
	err := client.CreatePersistentSubscriptionToAll(within(t), "g", esdb.PersistentAllSubscriptionOptions{StartFrom: esdb.Start{}, Settings: eager(nil),
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{prefix}}})
	if err != nil {
		t.Fatal(err)
	}
	c := join(t, client, "$all", "g", 10)
	twins := []*esdb.EventAppeared{c.Next(), c.Next(), c.Next()}
	c.Done(twins[0])
	untilInfo(t, client, "$all", "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.TotalInFlightMessages == 2 })
	c.Refuse(esdb.NackActionRetry, twins[1])
	if again := c.Next(); again.Event.Event.StreamID != prefix+"b" || again.RetryCount != 1 {
		t.Errorf("given again is %s", again.Event.Event.StreamID)
	}
	c.Done(twins[1], twins[2])
	untilInfo(t, client, "$all", "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.TotalInFlightMessages == 0 })
}

// TestPersistentLinkIsNoWayAround: a group that resolves links shows no event
// of a stream that its consumer may not read.
func TestPersistentLinkIsNoWayAround(t *testing.T) {
	t.Parallel()
	_, as := guarded(t)
	root := as("root")
	appendEvents(t, root, "$secret", esdb.Any{}, event("Secret"))
	link := event("$>")
	link.Data = []byte("0@$secret")
	appendEvents(t, root, "links", esdb.Any{}, link)
	for name, want := range map[string]bool{"root": true, "reader": false} {
		createGroup(t, as("ops-reader"), "links", name, func(s *esdb.PersistentSubscriptionSettings) { s.ResolveLinkTos = true })
		e := join(t, as(name), "links", name, 10).Take(1)[0].Event
		if e.Link == nil || (e.Event != nil) != want {
			t.Errorf("%s gets %+v", name, e)
		}
		if got := info(t, as("ops-reader"), "links", name).Connections; len(got) != 1 || got[0].Username != name {
			t.Errorf("connections %+v, want %s", got, name)
		}
	}
}

// TestPersistentOnSystemStreams: a group shares out what a system stream links
// to, what is already there and what comes.
func TestPersistentOnSystemStreams(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	kind := strings.ReplaceAll(unique("Kind"), "-", "")
	appendTo := func(stream string) esdb.EventData {
		e := event(kind)
		e.Metadata = []byte(`{"$correlationId":"` + kind + `"}`)
		appendEvents(t, client, stream, esdb.Any{}, e)
		return e
	}
	first := appendTo(kind + "-1")
	for _, stream := range []string{"$ce-" + kind, "$et-" + kind, "$bc-" + kind} {
		createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) {
			s.ResolveLinkTos, s.ConsumerStrategyName = true, esdb.ConsumerStrategyPinned
		})
	}
	one := join(t, client, "$ce-"+kind, "g", 10)
	two := join(t, client, "$et-"+kind, "g", 10)
	three := join(t, client, "$bc-"+kind, "g", 10)
	want := []uuid.UUID{first.EventID}
	for i := range 20 {
		want = append(want, appendTo(fmt.Sprintf("%s-%d", kind, i%5)).EventID)
	}
	for _, c := range []*esdbtest.Consumer{one, two, three} {
		for i, id := range want {
			e := c.Next()
			if e.Event.Event == nil || e.Event.Event.EventID != id || e.Event.Link == nil || e.Event.Link.EventNumber != uint64(i) {
				t.Fatalf("event %d is %+v, want %s", i, e.Event, id)
			}
			c.Done(e)
		}
	}
	untilInfo(t, client, "$ce-"+kind, "g", esdbtest.SettledAt(20))
}
