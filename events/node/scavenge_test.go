package node_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/node"
)

// TestScavengeSeenByClients: what was cut is gone from $all, the rest is where
// it was, and subscriptions go on over the gaps.
func TestScavengeSeenByClients(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := open(t, dir)
	client := connect(t, n.ConnectionString())
	appendEvents(t, client, "short-1", esdb.Any{}, numbered(700)...)
	kept := appendEvents(t, client, "long-1", esdb.Any{}, numbered(3)...)
	sub := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Position{Commit: 100, Prepare: 100}})
	setMetadata(t, client, "short-1", func(m *esdb.StreamMetadata) { m.SetMaxCount(2) })

	done, err := n.Scavenge(context.Background())
	if err != nil || done.Events != 698 || done.Bytes < 698*100 {
		t.Fatalf("%+v, %v", done, err)
	}
	all, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{From: esdb.Start{}}, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if got := revisions(ofStream(all, "short-1")); !slices.Equal(got, []uint64{698, 699}) || len(all) != 6 {
		t.Errorf("$all has %d of the stream, %d in all", got, len(all))
	}
	if p := ofStream(all, "long-1")[2].Event.Position; p.Commit != kept.CommitPosition {
		t.Errorf("an event was at %d and is at %d", kept.CommitPosition, p.Commit)
	}
	from := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Position{Commit: 50, Prepare: 50}})
	for _, want := range []string{"short-1", "short-1", "long-1", "long-1", "long-1", "$$short-1"} {
		if e := nextEvent(t, from); e.StreamID != want {
			t.Errorf("subscribed in a gap: %s, want %s", e.StreamID, want)
		}
	}
	last := appendEvents(t, client, "long-1", esdb.Revision(2), numbered(1)...)
	for _, s := range []*esdb.Subscription{sub, from} {
		for nextEvent(t, s).Position.Commit != last.CommitPosition {
		}
	}
	if e := readStream(t, client, "$ce-short", esdb.ReadStreamOptions{ResolveLinkTos: true}, 10); len(e) != 2 || e[0].Event == nil || e[0].Link.EventNumber != 698 {
		t.Errorf("$ce-short has %d", revisions(e))
	}
	if _, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: esdb.Position{Commit: 300, Prepare: 300}, Direction: esdb.Backwards}, 10); err != nil {
		t.Errorf("backwards from a gap: %v", err)
	}
}

func TestScavengeEndsWithTheNode(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Scavenge(context.Background()); err == nil || errors.Is(err, node.ErrScavenging) {
		t.Errorf("got %v", err)
	}
}
