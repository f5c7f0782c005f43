package esdb_test

import (
	"errors"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/events/storetest"
)

func TestMain(m *testing.M) {
	esdb.RegisterCodec()
	goleak.VerifyTestMain(m)
}

// start runs a node on a directory, on a free port or the one given.
func start(t testing.TB, dir, listen string) *node.Node {
	t.Helper()
	n, err := node.Open(node.Config{Dir: dir, Listen: listen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close the node: %v", err)
		}
	})
	return n
}

func open(t testing.TB, connection string) *esdb.Store {
	t.Helper()
	store, err := esdb.Open(connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return store
}

// TestContract runs on the embedded node and, where PLAYCAST_SPEC_ESDB names
// one by its connection string, on a real cluster.
func TestContract(t *testing.T) {
	t.Run("embedded node", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) events.Store {
			return open(t, start(t, t.TempDir(), "127.0.0.1:0").ConnectionString())
		})
	})
	if cluster := os.Getenv("PLAYCAST_SPEC_ESDB"); cluster != "" {
		t.Run("cluster", func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) events.Store { return open(t, cluster) })
		})
	}
}

func proposed() []events.Proposed {
	return []events.Proposed{{ID: events.EventID(uuid.New()), Type: "Tested", Data: []byte(`{}`), Metadata: []byte(`{}`)}}
}

// TestANodeThatComesBack: what is asked meanwhile fails as unavailable, the
// same store works afterwards, and the subscription goes on without a gap.
func TestANodeThatComesBack(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir, "127.0.0.1:0")
	_, port, err := net.SplitHostPort(first.Addr())
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, "esdb://127.0.0.1:"+port+"?tls=false&maxDiscoverAttempts=1&discoveryInterval=50")
	if _, err := store.Append(t.Context(), "test-1", events.NoStream(), proposed()); err != nil {
		t.Fatal(err)
	}
	sub, err := store.Subscribe(t.Context(), events.Start)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	expect := func(want events.Revision) {
		t.Helper()
		for {
			d, err := sub.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !d.CaughtUp() {
				if d.Event.Revision != want {
					t.Fatalf("revision %d, want %d", d.Event.Revision, want)
				}
				return
			}
		}
	}
	expect(0)

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	batch := proposed()
	if _, err := store.Append(t.Context(), "test-1", events.After(0), batch); !errors.Is(err, events.ErrUnavailable) {
		t.Fatalf("with the node down: %v", err)
	}
	for _, err := range store.Read(t.Context(), "test-1", 0) {
		if !errors.Is(err, events.ErrUnavailable) {
			t.Fatalf("read with the node down: %v", err)
		}
	}
	if number, err := strconv.Atoi(port); err != nil || number == 0 {
		t.Fatalf("port %q", port)
	}
	start(t, dir, "127.0.0.1:"+port)

	deadline := time.Now().Add(20 * time.Second)
	for {
		_, err := store.Append(t.Context(), "test-1", events.After(0), batch)
		if err == nil {
			break
		}
		if !errors.Is(err, events.ErrUnavailable) || time.Now().After(deadline) {
			t.Fatalf("with the node back: %v", err)
		}
	}
	expect(1)
}

func TestOpenRefusesWhatIsNoConnectionString(t *testing.T) {
	if _, err := esdb.Open("postgres://localhost"); err == nil {
		t.Error("it was taken")
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	store, err := esdb.Open("esdb://127.0.0.1:1?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Subscribe(t.Context(), events.Start); !errors.Is(err, events.ErrStoreClosed) {
		t.Errorf("subscribe: %v", err)
	}
	if _, err := store.Head(t.Context()); !errors.Is(err, events.ErrStoreClosed) {
		t.Errorf("head: %v", err)
	}
}
