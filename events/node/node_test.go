package node_test

import (
	"bytes"
	"crypto/rand"
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
		{"a newer version", withVersion("playcast-node 99\n"), "127.0.0.1:0", node.ErrVersion, []string{"playcast-node 99", "playcast-node 1"}},
		{"a foreign version", withVersion("\x00\xff"), "127.0.0.1:0", node.ErrVersion, []string{"playcast-node 1"}},
		{"a log without version", noVersion, "127.0.0.1:0", node.ErrVersion, []string{noVersion, "playcast-node 1"}},
		{"a port in use", t.TempDir(), taken.Addr().String(), node.ErrAddress, []string{taken.Addr().String(), "choose another port"}},
		{"no port", t.TempDir(), "127.0.0.1", node.ErrAddress, []string{"host:port"}},
		{"a port that is none", t.TempDir(), "127.0.0.1:99999", node.ErrAddress, []string{"99999"}},
		{"every address", t.TempDir(), "0.0.0.0:0", node.ErrExposed, []string{"0.0.0.0:0", "TLS"}},
		{"every address, the newer way", t.TempDir(), "[::]:0", node.ErrExposed, []string{"[::]:0"}},
		{"another machine's network", t.TempDir(), "192.0.2.1:0", node.ErrExposed, []string{"192.0.2.1"}},
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
	// A client that has stopped reading does not hold up the close for ever.
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

// TestDamagedFile flips a byte in each file of a store that holds events, one
// at a time. Whoever reads must be told, and must not get another event.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	dir, wrote := damageable(t)
	files, err := filepath.Glob(filepath.Join(dir, "log", "*"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for _, file := range files {
		if ext := filepath.Ext(file); ext != ".sst" && ext != ".log" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(content, wrote[len(wrote)/3][8:16])
		if at < 0 {
			continue // not in this file
		}
		damaged++
		content[at] ^= 1
		t.Run(filepath.Ext(file)[1:], func(t *testing.T) { readsDamage(t, copyOf(t, dir, filepath.Base(file), content), wrote) })
	}
	if damaged == 0 {
		t.Fatal("no file holds the data")
	}
}

// damageable is a closed store whose events are not compressible, so that
// their bytes are found in its files, and these bytes.
func damageable(t *testing.T) (string, [][]byte) {
	t.Helper()
	dir := t.TempDir()
	n := open(t, dir)
	client := connect(t, n.ConnectionString())
	var wrote [][]byte
	for range 300 {
		e := event("Random")
		e.Data = make([]byte, 2000)
		if _, err := rand.Read(e.Data); err != nil {
			t.Fatal(err)
		}
		wrote = append(wrote, e.Data)
		appendEvents(t, client, "damaged", esdb.Any{}, e)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, wrote
}

// copyOf is the store's directory again, with another content in one file.
func copyOf(t *testing.T, dir, file string, content []byte) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "log", file), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func readsDamage(t *testing.T, dir string, wrote [][]byte) {
	t.Helper()
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if errors.Is(err, node.ErrCorrupt) {
		return
	}
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer n.Close()
	client := connect(t, n.ConnectionString())
	for name, read := range map[string]func() ([]*esdb.ResolvedEvent, error){
		"stream": func() ([]*esdb.ResolvedEvent, error) {
			return collect(client.ReadStream(within(t), "damaged", esdb.ReadStreamOptions{}, 1000))
		},
		"$all": func() ([]*esdb.ResolvedEvent, error) {
			return collect(client.ReadAll(within(t), esdb.ReadAllOptions{}, 1000))
		},
	} {
		events, err := read()
		if grpcCode(err) != codes.DataLoss {
			t.Errorf("read %s: %d events and then %v, want DataLoss", name, len(events), err)
		}
		for i, e := range events {
			if !bytes.Equal(e.Event.Data, wrote[i]) {
				t.Errorf("read %s: event %d is another", name, i)
			}
		}
	}
	t.Log("opened, and reads were refused")
}
