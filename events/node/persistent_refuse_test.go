package node_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
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
	join(t, client, "s", "g", 10).Take(1)
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
	join(t, client, stream, "good", 10).Take(2)
}
