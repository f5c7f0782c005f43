package esdb_test

import (
	"net"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

func appendOne(t *testing.T, store events.Store, stream events.Stream) events.EventID {
	t.Helper()
	batch := proposed()
	if _, err := store.Append(t.Context(), stream, events.AnyRevision(), batch); err != nil {
		t.Fatal(err)
	}
	return batch[0].ID
}

// next settles nothing.
func next(t *testing.T, c events.Consumer, want events.EventID) events.Assigned {
	t.Helper()
	a, err := c.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.Event.ID != want {
		t.Fatalf("event %s came, want %s", uuid.UUID(a.Event.ID), uuid.UUID(want))
	}
	return a
}

func TestWhatAConsumerLeavesGoesToTheNext(t *testing.T) {
	store := open(t, start(t, t.TempDir(), "127.0.0.1:0").ConnectionString())
	handled, retried := appendOne(t, store, "work"), appendOne(t, store, "work")
	first, err := store.Join(t.Context(), "work", "hands")
	if err != nil {
		t.Fatal(err)
	}
	if err := next(t, first, handled).Ack(); err != nil {
		t.Fatal(err)
	}
	if err := next(t, first, retried).Retry(); err != nil {
		t.Fatal(err)
	}
	next(t, first, retried)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := store.Join(t.Context(), "work", "hands")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := next(t, second, retried).Ack(); err != nil {
		t.Fatal(err)
	}
	if err := next(t, second, appendOne(t, store, "work")).Ack(); err != nil {
		t.Fatal(err)
	}
}

func TestAConsumerOutlivesARestartOfTheNode(t *testing.T) {
	dir := t.TempDir()
	node := start(t, dir, "127.0.0.1:0")
	_, port, err := net.SplitHostPort(node.Addr())
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, "esdb://127.0.0.1:"+port+"?tls=false&maxDiscoverAttempts=1&discoveryInterval=50")
	id := appendOne(t, store, "work")
	consumer, err := store.Join(t.Context(), "work", "hands")
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	before := next(t, consumer, id)
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, dir, "127.0.0.1:"+port)
	if err := before.Ack(); err != nil {
		t.Errorf("acknowledge over a connection that is gone: %v", err)
	}
	if err := next(t, consumer, id).Ack(); err != nil {
		t.Fatal(err)
	}
}
