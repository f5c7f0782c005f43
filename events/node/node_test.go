package node_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/node"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	used := t.TempDir()
	open(t, used)
	withVersion := func(content string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "VERSION"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	noVersion := t.TempDir()
	if err := os.Mkdir(filepath.Join(noVersion, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name        string
		dir, listen string
		want        error
		says        []string
	}{
		{"a directory in use", used, "127.0.0.1:0", node.ErrInUse, []string{used, "choose another"}},
		{"a newer version", withVersion("playcast-node 99\n"), "127.0.0.1:0", node.ErrVersion, []string{"playcast-node 99", "playcast-node 2"}},
		{"a foreign version", withVersion("\x00\xff"), "127.0.0.1:0", node.ErrVersion, []string{"playcast-node 2"}},
		{"a log without version", noVersion, "127.0.0.1:0", node.ErrVersion, []string{noVersion, "playcast-node 2"}},
		{"a port in use", t.TempDir(), taken.Addr().String(), node.ErrAddress, []string{taken.Addr().String(), "choose another port"}},
		{"no port", t.TempDir(), "127.0.0.1", node.ErrAddress, []string{"host:port"}},
		{"a port that is none", t.TempDir(), "127.0.0.1:99999", node.ErrAddress, []string{"99999"}},
		{"every address", t.TempDir(), "0.0.0.0:0", node.ErrExposed, []string{"0.0.0.0:0", "TLS"}},
		{"every address, the newer way", t.TempDir(), "[::]:0", node.ErrExposed, []string{"[::]:0"}},
		{"another machine's network", t.TempDir(), "192.0.2.1:0", node.ErrExposed, []string{"192.0.2.1"}},
		{"IPv6, which no client can be told", t.TempDir(), "[::1]:0", node.ErrAddress, []string{"use 127.0.0.1"}},
		{"a name", t.TempDir(), "example.org:0", node.ErrAddress, []string{"example.org"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n, err := node.Open(node.Config{Dir: c.dir, Listen: c.listen})
			if n != nil {
				n.Close()
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
	if _, err := node.Open(node.Config{}); err == nil {
		t.Error("a node without a directory opens")
	}
}

func TestReopenedNodeGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	client := connect(t, first.ConnectionString())
	stream, gone := unique("reopened"), unique("gone")
	once := []esdb.EventData{event("A"), event("B")}
	wrote := appendEvents(t, client, stream, esdb.Any{}, once...)
	setMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetTruncateBefore(1) })
	appendEvents(t, client, gone, esdb.Any{}, numbered(1)...)
	before := tombstone(t, client, gone)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	client = connect(t, open(t, dir).ConnectionString())
	if again := appendEvents(t, client, stream, esdb.Any{}, once...); *again != *wrote {
		t.Errorf("the repeated append: %+v, want %+v", again, wrote)
	}
	if got := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{}, 10)); !slices.Equal(got, []uint64{1}) {
		t.Errorf("the cut stream has %d", got)
	}
	if _, err := collect(client.ReadStream(within(t), gone, esdb.ReadStreamOptions{}, 1)); codeOf(err) != esdb.ErrorCodeStreamDeleted {
		t.Errorf("the tombstoned stream: %v", err)
	}
	after := appendEvents(t, client, unique("reopened"), esdb.NoStream{}, numbered(1)...)
	if after.CommitPosition != before.Position.Commit+1 {
		t.Errorf("goes on at position %d, after %d", after.CommitPosition, before.Position.Commit)
	}
	if r := appendEvents(t, client, stream, esdb.Revision(1), numbered(1)...); r.NextExpectedVersion != 2 {
		t.Errorf("the stream goes on at %d", r.NextExpectedVersion)
	}
}

func TestCloseEndsSubscriptions(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	client := connect(t, n.ConnectionString())
	stream := unique("closing")
	appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
	one := subscribe(t, client, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	all := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	untilCaughtUp(t, one)
	untilCaughtUp(t, all)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Errorf("a second close: %v", err)
	}
	for _, sub := range []*esdb.Subscription{one, all} {
		if e := sub.Recv(); e.SubscriptionDropped == nil || grpcCode(e.SubscriptionDropped.Error) != codes.Unavailable {
			t.Errorf("got %+v", e)
		}
	}
}

func TestListenAddresses(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{":0", "localhost:0", "127.0.0.1:0", "127.0.0.2:0"} {
		n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: listen})
		if err != nil {
			t.Errorf("%s: %v", listen, err)
			continue
		}
		appendEvents(t, connect(t, n.ConnectionString()), unique("listen"), esdb.Any{}, numbered(1)...)
		if err := n.Close(); err != nil {
			t.Errorf("%s: close: %v", listen, err)
		}
	}
}

// TestCloseLeavesNothing does not run beside other tests: it counts goroutines.
func TestCloseLeavesNothing(t *testing.T) {
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
	appendEvents(t, client, stream, esdb.Any{}, numbered(10)...)
	sub, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	untilCaughtUp(t, sub)
	// One that reads nothing does not hold up the close for ever.
	for range 8 {
		appendEvents(t, client, stream, esdb.Any{}, esdb.EventData{EventType: "Large", Data: make([]byte, 1_000_000)})
	}
	if _, err := client.SubscribeToStream(t.Context(), stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}}); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	sub.Close()
	client.Close()
	goleak.VerifyNone(t, before)
}

// TestSubscriptionOutlivesPings: a client pings every 10 s, and grpc closes
// the connection of one that does so at the fourth, unless told not to. Nothing
// but that time shows it.
func TestSubscriptionOutlivesPings(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	sub, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	untilCaughtUp(t, sub)
	quiet := time.NewTimer(36 * time.Second)
	defer quiet.Stop()
	<-quiet.C
	appendEvents(t, client, unique("pinged"), esdb.Any{}, numbered(1)...)
	nextEvent(t, sub)
}
