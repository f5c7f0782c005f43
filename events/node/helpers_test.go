package node_test

import (
	"testing"

	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// open starts a node on the directory and closes it with the test.
func open(t testing.TB, dir string) *node.Node {
	t.Helper()
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

// The words of esdbtest, said more briefly.
var (
	connect       = esdbtest.Connect
	within        = esdbtest.Within
	unique        = esdbtest.Unique
	event         = esdbtest.Event
	numbered      = esdbtest.Numbered
	appendEvents  = esdbtest.Append
	collect       = esdbtest.Collect
	readStream    = esdbtest.ReadStream
	revisions     = esdbtest.Revisions
	codeOf        = esdbtest.CodeOf
	grpcCode      = esdbtest.StatusOf
	setMetadata   = esdbtest.SetMetadata
	deleteStream  = esdbtest.Delete
	tombstone     = esdbtest.Tombstone
	nextEvent     = esdbtest.NextEvent
	untilCaughtUp = esdbtest.UntilCaughtUp
	subscribe     = esdbtest.Subscribe
	subscribeAll  = esdbtest.SubscribeAll
	upTo          = esdbtest.UpTo
	ofStream      = esdbtest.OfStream
	eager         = esdbtest.Eager
	createGroup   = esdbtest.CreateGroup
	join          = esdbtest.Join
	info          = esdbtest.Info
	untilInfo     = esdbtest.UntilInfo
)

const patience = esdbtest.Patience
