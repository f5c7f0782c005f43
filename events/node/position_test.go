package node_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

// TestPositionOfAnotherStore is the node's own: a cluster's positions are
// places in its files, and it answers what happens to be there.
func TestPositionOfAnotherStore(t *testing.T) {
	t.Parallel()
	client := connect(t, open(t, t.TempDir()).ConnectionString())
	appendEvents(t, client, unique("position"), esdb.Any{}, numbered(3)...)
	for _, p := range []esdb.Position{{Commit: 5, Prepare: 5}, {Commit: 1 << 40, Prepare: 1 << 40}, {Commit: 2, Prepare: 1}} {
		if _, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{From: p}, 1)); grpcCode(err) != codes.InvalidArgument {
			t.Errorf("read at %v: %v", p, err)
		}
		if _, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: p}); grpcCode(err) != codes.InvalidArgument {
			t.Errorf("subscribe at %v: %v", p, err)
		}
	}
	if events, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{From: esdb.Position{Commit: 4, Prepare: 4}}, 1)); err != nil || len(events) != 0 {
		t.Errorf("read one after the last: %d events, %v", len(events), err)
	}
}
