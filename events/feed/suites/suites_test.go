// Package suites_test runs Watermill's own suites against the publisher and
// the subscribers of package feed, on the embedded node. It is a package apart
// because those suites leave goroutines behind, which the tests of feed look
// for.
package suites_test

import (
	"cmp"
	"log/slog"
	"os"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"

	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/node"
)

var quiet = slog.New(slog.DiscardHandler)

// connected is a store on a node of the test's own.
func connected(t *testing.T) *esdb.Store {
	t.Helper()
	n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	store, err := esdb.Open(n.ConnectionString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
		if err := n.Close(); err != nil {
			t.Errorf("close the node: %v", err)
		}
	})
	return store
}

// inOrder reads each stream from its start, a message at a time. Two cases of
// Watermill's skip themselves: TestConsumerGroups, because each subscriber gets
// everything, and TestReconnect, which restarts its server by a command
// (TestANodeThatComesBack in events/esdb is that case).
var inOrder = tests.Features{GuaranteedOrder: true, Persistent: true, NewSubscriberReceivesOldMessages: true}

func orderedPubSub(store *esdb.Store) tests.PubSubConstructor {
	return func(*testing.T) (message.Publisher, message.Subscriber) {
		return feed.NewPublisher(store), feed.NewSubscriber(store, feed.FromStart, quiet)
	}
}

// inGroups shares streams out. Three cases skip themselves: TestNoAck, because
// what waits for an acknowledgement doesn't hold up the group, TestReconnect,
// as above, and TestNewSubscriberReceivesOldMessages, because what a group has
// handled stays handled.
var inGroups = tests.Features{ConsumerGroups: true, Persistent: true}

func groupPubSub(store *esdb.Store) tests.ConsumerGroupPubSubConstructor {
	return func(_ *testing.T, group string) (message.Publisher, message.Subscriber) {
		return feed.NewPublisher(store), feed.NewGroupSubscriber(store, group, quiet)
	}
}

func oneGroup(store *esdb.Store) tests.PubSubConstructor {
	return func(t *testing.T) (message.Publisher, message.Subscriber) { return groupPubSub(store)(t, "suite") }
}

func TestWatermillInOrder(t *testing.T) {
	tests.TestPubSub(t, inOrder, orderedPubSub(connected(t)), nil)
}

func TestWatermillInGroups(t *testing.T) {
	store := connected(t)
	tests.TestPubSub(t, inGroups, oneGroup(store), groupPubSub(store))
}

// stressed sets how many of each case the stress test runs at once, unless
// STRESS_TEST_COUNT says it.
func stressed(t *testing.T) {
	t.Helper()
	t.Setenv("STRESS_TEST_COUNT", cmp.Or(os.Getenv("STRESS_TEST_COUNT"), "4"))
}

// In order the cases under stress are the short ones: every subscriber reads
// the whole log, which they all write to.
func TestWatermillStressInOrder(t *testing.T) {
	stressed(t)
	short := inOrder
	short.ForceShort = true
	tests.TestPubSubStressTest(t, short, orderedPubSub(connected(t)), nil)
}

func TestWatermillStressInGroups(t *testing.T) {
	stressed(t)
	store := connected(t)
	tests.TestPubSubStressTest(t, inGroups, oneGroup(store), groupPubSub(store))
}
