package node_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/playcast/playcast/events/node"
)

// dialGroups is a client that can say what the Go client can't.
func dialGroups(t testing.TB, n *node.Node) persistent.PersistentSubscriptionsClient {
	t.Helper()
	conn, err := grpc.NewClient(n.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return persistent.NewPersistentSubscriptionsClient(conn)
}

// goodCreate is a request that the node takes.
func goodCreate(stream, group string) *persistent.CreateReq {
	return &persistent.CreateReq{Options: &persistent.CreateReq_Options{
		GroupName: group,
		StreamOption: &persistent.CreateReq_Options_Stream{Stream: &persistent.CreateReq_StreamOptions{
			StreamIdentifier: named(stream), RevisionOption: &persistent.CreateReq_StreamOptions_Start{Start: empty}}},
		Settings: &persistent.CreateReq_Settings{
			ConsumerStrategy: "RoundRobin", MaxRetryCount: 5, MinCheckpointCount: 1, MaxCheckpointCount: 10,
			LiveBufferSize: 100, ReadBatchSize: 10, HistoryBufferSize: 100,
			MessageTimeout:  &persistent.CreateReq_Settings_MessageTimeoutMs{MessageTimeoutMs: 30_000},
			CheckpointAfter: &persistent.CreateReq_Settings_CheckpointAfterMs{CheckpointAfterMs: 1000},
		},
	}}
}

func TestPersistentRefusesBadSettings(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	groups, client := dialGroups(t, n), connect(t, n.ConnectionString())
	toAll := func(filter *persistent.CreateReq_AllOptions_FilterOptions, at *persistent.CreateReq_Position) func(*persistent.CreateReq_Options) {
		return func(o *persistent.CreateReq_Options) {
			all := &persistent.CreateReq_AllOptions{AllOption: &persistent.CreateReq_AllOptions_Position{Position: at}}
			if filter != nil {
				all.FilterOption = &persistent.CreateReq_AllOptions_Filter{Filter: filter}
			}
			o.StreamOption = &persistent.CreateReq_Options_All{All: all}
		}
	}
	pattern := func(p string, prefixes ...string) *persistent.CreateReq_AllOptions_FilterOptions {
		return &persistent.CreateReq_AllOptions_FilterOptions{Filter: &persistent.CreateReq_AllOptions_FilterOptions_EventType{
			EventType: &persistent.CreateReq_AllOptions_FilterOptions_Expression{Regex: p, Prefix: prefixes}}}
	}
	type options = persistent.CreateReq_Options
	for _, c := range []struct {
		name   string
		says   string
		change func(*options)
	}{
		{"no group", "has no name", func(o *options) { o.GroupName = "" }},
		{"a group that is not UTF-8", "", func(o *options) { o.GroupName = "\xff" }},
		{"names too long", "are allowed", func(o *options) { o.GroupName = strings.Repeat("g", 1000) }},
		{"no stream", "has no name", func(o *options) { o.GetStream().StreamIdentifier = nil }},
		{"$all as a stream", "use the options for it", func(o *options) { o.GetStream().StreamIdentifier = named("$all") }},
		{"no settings", "", func(o *options) { o.Settings = nil }},
		{"an unknown strategy", "\"Best\"", func(o *options) { o.Settings.ConsumerStrategy = "Best" }},
		{"negative retries", "retries is -1", func(o *options) { o.Settings.MaxRetryCount = -1 }},
		{"negative subscribers", "subscribers is -1", func(o *options) { o.Settings.MaxSubscriberCount = -1 }},
		{"negative timeout", "below 0", func(o *options) {
			o.Settings.MessageTimeout = &persistent.CreateReq_Settings_MessageTimeoutTicks{MessageTimeoutTicks: -1}
		}},
		{"negative time to checkpoints", "below 0", func(o *options) {
			o.Settings.CheckpointAfter = &persistent.CreateReq_Settings_CheckpointAfterMs{CheckpointAfterMs: -5}
		}},
		{"minimal above maximal checkpoint count", "above the maximal", func(o *options) { o.Settings.MinCheckpointCount = 11 }},
		{"no maximal checkpoint count", "is 0", func(o *options) { o.Settings.MinCheckpointCount, o.Settings.MaxCheckpointCount = 0, 0 }},
		{"no live buffer", "live buffer's size is 0", func(o *options) { o.Settings.LiveBufferSize = 0 }},
		{"a huge history buffer", "are possible", func(o *options) { o.Settings.HistoryBufferSize = 1 << 30 }},
		{"no batch", "batch's size is 0", func(o *options) { o.Settings.ReadBatchSize = 0 }},
		{"a batch above the buffer", "above the history buffer's", func(o *options) { o.Settings.ReadBatchSize = 101 }},
		{"a revision out of range", "out of range", func(o *options) {
			o.GetStream().RevisionOption = &persistent.CreateReq_StreamOptions_Revision{Revision: 1<<63 + 1}
		}},
		{"two positions in one", "both are the same", toAll(nil, &persistent.CreateReq_Position{CommitPosition: 2, PreparePosition: 1})},
		{"a pattern that does not compile", "pattern", toAll(pattern("("), nil)},
		{"a pattern and prefixes", "give one", toAll(pattern("a", "b"), nil)},
		{"neither", "neither a pattern nor prefixes", toAll(pattern(""), nil)},
		{"a filter of nothing", "neither streams nor event types", toAll(&persistent.CreateReq_AllOptions_FilterOptions{}, nil)},
	} {
		request := goodCreate("refused", "g")
		c.change(request.Options)
		var trailer metadata.MD
		_, err := groups.Create(within(t), request, grpc.Trailer(&trailer))
		if code := grpcCode(err); code != codes.InvalidArgument && code != codes.Internal || code == codes.Internal && c.says != "" || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v, want it to say %q", c.name, err, c.says)
		}
	}
	if _, err := groups.Create(within(t), nil); grpcCode(err) != codes.InvalidArgument {
		t.Errorf("an empty request: %v", err)
	}
	all, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{}, 10))
	if err != nil || len(all) != 0 {
		t.Errorf("%d events are stored, %v", len(all), err)
	}
	if _, err := groups.Create(within(t), goodCreate("refused", "g")); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	if _, err := groups.Create(within(t), goodCreate("refused::g", "h")); err != nil {
		t.Errorf("a stream with colons: %v", err)
	}
	if _, err := groups.Create(within(t), goodCreate("refused", "g::h")); grpcCode(err) != codes.InvalidArgument {
		t.Errorf("a group whose streams are another one's: %v", err)
	}
	for _, buffer := range []int32{0, -1, 1 << 30} {
		call, err := groups.Read(within(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := call.Send(readOptions("refused", "g", buffer)); err != nil {
			t.Fatal(err)
		}
		if _, err := call.Recv(); grpcCode(err) != codes.InvalidArgument {
			t.Errorf("a subscriber with a buffer of %d: %v", buffer, err)
		}
	}
}

func readOptions(stream, group string, buffer int32) *persistent.ReadReq {
	return &persistent.ReadReq{Content: &persistent.ReadReq_Options_{Options: &persistent.ReadReq_Options{
		StreamOption: &persistent.ReadReq_Options_StreamIdentifier{StreamIdentifier: named(stream)}, GroupName: group, BufferSize: buffer}}}
}

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
			for e := range c.in {
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
	slow.next()
	quick.take(5000)
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
			consumers := []*consumer{join(t, client, "$all", category, room)}
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
func shareOut(t *testing.T, consumers []*consumer, count int) (counts []int, byStream, byCorrelation map[string]map[int]bool) {
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
		case e = <-consumers[0].in:
		case e = <-consumers[1].in:
			at = 1
		case e = <-consumers[2].in:
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
		consumers[at].ack(e.EventAppeared)
	}
	return counts, byStream, byCorrelation
}

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
			for e := range c.in {
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
	c.take(2)
	untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
		return i.Stats.LastCheckpointedEventRevision != nil && *i.Stats.LastCheckpointedEventRevision == 1
	})
	if err := client.RestartPersistentSubscriptionSubsystem(within(t), esdb.RestartPersistentSubscriptionSubsystemOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.dropped(); grpcCode(err) != codes.Canceled {
		t.Errorf("dropped with %v", err)
	}
	if got := join(t, client, stream, "g", 10).take(2); got[0].Event.Event.EventNumber != 2 {
		t.Errorf("goes on with %d", got[0].Event.Event.EventNumber)
	}
}

// TestPersistentTrailers: clients of other languages tell errors by them.
func TestPersistentTrailers(t *testing.T) {
	t.Parallel()
	groups := dialGroups(t, open(t, t.TempDir()))
	var trailer metadata.MD
	if _, err := groups.Create(within(t), goodCreate("s", "g")); err != nil {
		t.Fatal(err)
	}
	if _, err := groups.Create(within(t), goodCreate("s", "g"), grpc.Trailer(&trailer)); grpcCode(err) != codes.AlreadyExists {
		t.Errorf("created twice: %v", err)
	}
	check := func(want string) {
		t.Helper()
		if got := fmt.Sprint(trailer.Get("exception"), trailer.Get("stream-name"), trailer.Get("group-name")); got != "["+want+"] [s] [g]" {
			t.Errorf("trailers %s, want %s", got, want)
		}
	}
	check("persistent-subscription-exists")
	request := &persistent.DeleteReq{Options: &persistent.DeleteReq_Options{
		GroupName: "g", StreamOption: &persistent.DeleteReq_Options_StreamIdentifier{StreamIdentifier: named("s")}}}
	call, err := groups.Read(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Send(readOptions("s", "g", 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := call.Recv(); err != nil {
		t.Fatal(err)
	}
	if _, err := groups.Delete(within(t), request); err != nil {
		t.Fatal(err)
	}
	if _, err := call.Recv(); grpcCode(err) != codes.NotFound {
		t.Errorf("its consumer gets %v", err)
	}
	trailer = call.Trailer()
	check("persistent-subscription-does-not-exist")
	if _, err := groups.Delete(within(t), request, grpc.Trailer(&trailer)); grpcCode(err) != codes.NotFound {
		t.Errorf("deleted twice: %v", err)
	}
	check("persistent-subscription-does-not-exist")
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

// TestPersistentBrokenConfig: where the groups can't be read, what needs them
// says so, and the rest goes on.
func TestPersistentBrokenConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	client := connect(t, first.ConnectionString())
	createGroup(t, client, "s", "g", nil)
	good := readStream(t, client, "$persistentSubscriptionConfig", esdb.ReadStreamOptions{}, 10)
	bad := event("$PersistentConfig")
	bad.Data = []byte("rubbish")
	appendEvents(t, client, "$persistentSubscriptionConfig", esdb.Any{}, bad)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	client = connect(t, open(t, dir).ConnectionString())
	appendEvents(t, client, "s", esdb.Any{}, event("Goes on"))
	_, joined := client.SubscribeToPersistentSubscription(within(t), "s", "g", esdb.SubscribeToPersistentSubscriptionOptions{})
	_, listed := client.ListAllPersistentSubscriptions(within(t), esdb.ListPersistentSubscriptionsOptions{})
	created := client.CreatePersistentSubscription(within(t), "s", "other", esdb.PersistentStreamSubscriptionOptions{})
	for call, err := range map[string]error{"join": joined, "list": listed, "create": created} {
		if grpcCode(err) != codes.Internal || !strings.Contains(err.Error(), "$persistentSubscriptionConfig") {
			t.Errorf("%s: %v", call, err)
		}
	}
	mended := event("$PersistentConfig")
	mended.Data = good[len(good)-1].Event.Data
	appendEvents(t, client, "$persistentSubscriptionConfig", esdb.Any{}, mended)
	if err := client.RestartPersistentSubscriptionSubsystem(within(t), esdb.RestartPersistentSubscriptionSubsystemOptions{}); err != nil {
		t.Fatal(err)
	}
	join(t, client, "s", "g", 10).take(1)
}

// TestPersistentBrokenCheckpoint: one group that can't go on is no other's
// trouble.
func TestPersistentBrokenCheckpoint(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	stream := unique("broken")
	appendEvents(t, client, stream, esdb.Any{}, numbered(2)...)
	createGroup(t, client, stream, "bad", nil)
	createGroup(t, client, stream, "good", nil)
	bad := event("$SubscriptionCheckpoint")
	bad.Data = []byte(`"C:1/P:1"`)
	appendEvents(t, client, "$persistentsubscription-"+stream+"::bad-checkpoint", esdb.Any{}, bad)
	if err := client.RestartPersistentSubscriptionSubsystem(within(t), esdb.RestartPersistentSubscriptionSubsystemOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := client.SubscribeToPersistentSubscription(within(t), stream, "bad", esdb.SubscribeToPersistentSubscriptionOptions{})
	if grpcCode(err) != codes.Internal || !strings.Contains(err.Error(), "checkpoint") {
		t.Errorf("join: %v", err)
	}
	if got := info(t, client, stream, "bad"); !strings.HasPrefix(got.Status, "Broken") {
		t.Errorf("status %q", got.Status)
	}
	join(t, client, stream, "good", 10).take(2)
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
	twins := []*esdb.EventAppeared{c.next(), c.next(), c.next()}
	c.ack(twins[0])
	untilInfo(t, client, "$all", "g", func(i *esdb.PersistentSubscriptionInfo) bool { return i.Stats.TotalInFlightMessages == 2 })
	c.nack(esdb.NackActionRetry, twins[1])
	if again := c.next(); again.Event.Event.StreamID != prefix+"b" || again.RetryCount != 1 {
		t.Errorf("given again is %s", again.Event.Event.StreamID)
	}
	c.ack(twins[1], twins[2])
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
		e := join(t, as(name), "links", name, 10).take(1)[0].Event
		if e.Link == nil || (e.Event != nil) != want {
			t.Errorf("%s gets %+v", name, e)
		}
		if got := info(t, as("ops-reader"), "links", name).Connections; len(got) != 1 || got[0].Username != name {
			t.Errorf("connections %+v, want %s", got, name)
		}
	}
}
