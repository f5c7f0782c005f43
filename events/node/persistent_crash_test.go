package node_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// serveUntilKilled serves a node and says how to reach it.
func serveUntilKilled(dir string) int {
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(n.ConnectionString())
	select {}
}

// served runs a node in a process of its own. kill ends it as a crash does.
func served(t *testing.T, dir string) (client *esdb.Client, kill func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	kill = func() {
		if !ended {
			ended = true
			_ = child.Process.Kill()
			_ = child.Wait() // it was killed
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, strings.TrimSpace(line)), kill
}

// restarts are the two ways in which a node ends.
func restarts(t *testing.T, first func(t *testing.T, client *esdb.Client), second func(t *testing.T, client *esdb.Client)) {
	t.Parallel()
	t.Run("closed", func(t *testing.T) {
		dir := t.TempDir()
		n := open(t, dir)
		first(t, connect(t, n.ConnectionString()))
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		second(t, connect(t, open(t, dir).ConnectionString()))
	})
	t.Run("killed", func(t *testing.T) {
		dir := t.TempDir()
		client, kill := served(t, dir)
		first(t, client)
		kill()
		second(t, connect(t, open(t, dir).ConnectionString()))
	})
}

// TestPersistentRestart: the settings, the checkpoint and what is parked are
// there again, and what was in flight comes again.
func TestPersistentRestart(t *testing.T) {
	stream := unique("restart")
	var before *esdb.PersistentSubscriptionInfo
	restarts(t, func(t *testing.T, client *esdb.Client) {
		appendEvents(t, client, stream, esdb.Any{}, numbered(20)...)
		createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) {
			s.MaxRetryCount, s.ConsumerStrategyName, s.ExtraStatistics = 7, esdb.ConsumerStrategyPinned, true
		})
		createGroup(t, client, stream, "deleted", nil)
		if err := client.DeletePersistentSubscription(within(t), stream, "deleted", esdb.DeletePersistentSubscriptionOptions{}); err != nil {
			t.Fatal(err)
		}
		c := join(t, client, stream, "g", 10)
		c.Take(9)
		c.Refuse(esdb.NackActionPark, c.Next())
		for range 5 {
			c.Next() // and no answer
		}
		before = untilInfo(t, client, stream, "g", func(i *esdb.PersistentSubscriptionInfo) bool {
			at := i.Stats.LastCheckpointedEventRevision
			return at != nil && *at == 9 && i.Stats.ParkedMessagesCount == 1
		})
	}, func(t *testing.T, client *esdb.Client) {
		after := info(t, client, stream, "g")
		if *after.Settings != *before.Settings || *after.Stats.LastCheckpointedEventRevision != 9 || after.Stats.ParkedMessagesCount != 1 {
			t.Errorf("after the restart %+v, %+v", after.Settings, after.Stats)
		}
		all, err := client.ListAllPersistentSubscriptions(within(t), esdb.ListPersistentSubscriptionsOptions{})
		if err != nil || len(all) != 1 {
			t.Errorf("%d groups, %v", len(all), err)
		}
		c := join(t, client, stream, "g", 10)
		for i, e := range c.Take(10) {
			if e.Event.Event.EventNumber != uint64(10+i) {
				t.Errorf("event %d is %d", i, e.Event.Event.EventNumber)
			}
		}
		if err := client.ReplayParkedMessages(within(t), stream, "g", esdb.ReplayParkedMessagesOptions{}); err != nil {
			t.Fatal(err)
		}
		if e := c.Take(1)[0]; e.Event.Event.EventNumber != 9 {
			t.Errorf("replayed %d", e.Event.Event.EventNumber)
		}
		untilInfo(t, client, stream, "g", esdbtest.HoldsParked(0))
	})
}

// TestPersistentReplayIsNotLost: what is replayed stays parked until it is done.
func TestPersistentReplayIsNotLost(t *testing.T) {
	stream := unique("replayed")
	restarts(t, func(t *testing.T, client *esdb.Client) {
		appendEvents(t, client, stream, esdb.Any{}, numbered(3)...)
		createGroup(t, client, stream, "g", nil)
		c := join(t, client, stream, "g", 10)
		for range 3 {
			c.Refuse(esdb.NackActionPark, c.Next())
		}
		untilInfo(t, client, stream, "g", esdbtest.HoldsParked(3))
		if err := client.ReplayParkedMessages(within(t), stream, "g", esdb.ReplayParkedMessagesOptions{}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			c.Next()
		}
	}, func(t *testing.T, client *esdb.Client) {
		untilInfo(t, client, stream, "g", esdbtest.HoldsParked(3))
		if err := client.ReplayParkedMessages(within(t), stream, "g", esdb.ReplayParkedMessagesOptions{}); err != nil {
			t.Fatal(err)
		}
		join(t, client, stream, "g", 10).Take(3)
		untilInfo(t, client, stream, "g", esdbtest.HoldsParked(0))
	})
}

// TestPersistentEndIsRemembered: a group from the end that has stored no
// checkpoint begins where the end was when it was made.
func TestPersistentEndIsRemembered(t *testing.T) {
	stream := unique("end")
	restarts(t, func(t *testing.T, client *esdb.Client) {
		appendEvents(t, client, stream, esdb.Any{}, numbered(3)...)
		if err := client.CreatePersistentSubscription(within(t), stream, "g", esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.End{}}); err != nil {
			t.Fatal(err)
		}
		appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
	}, func(t *testing.T, client *esdb.Client) {
		if e := join(t, client, stream, "g", 10).Take(1)[0]; e.Event.Event.EventNumber != 3 {
			t.Errorf("begins with %d", e.Event.Event.EventNumber)
		}
	})
}

// TestPersistentKilledAtRandom: a node that is killed while a group works
// loses no event of the group: each one that was appended is given out.
func TestPersistentKilledAtRandom(t *testing.T) {
	t.Parallel()
	dir, stream := t.TempDir(), unique("random")
	given := map[uint64]int{}
	last := uint64(0)
	for round := range 5 {
		client, kill := served(t, dir)
		if round == 0 {
			createGroup(t, client, stream, "g", func(s *esdb.PersistentSubscriptionSettings) {
				s.CheckpointUpperBound, s.CheckpointAfter, s.MessageTimeout, s.MaxRetryCount = 20, 5, 50, 1000
			})
		}
		for range 50 {
			last = appendEvents(t, client, stream, esdb.Any{}, numbered(10)...).NextExpectedVersion
		}
		c := join(t, client, stream, "g", 20)
		for range 100 + rand.IntN(200) {
			e := c.Next()
			given[e.Event.Event.EventNumber]++
			switch rand.IntN(10) {
			case 0:
				c.Refuse(esdb.NackActionRetry, e)
			case 1: // no answer, until it times out
			default:
				c.Done(e)
			}
		}
		kill()
	}
	client := connect(t, open(t, dir).ConnectionString())
	// The rest, and what was not answered; the last one comes at the end.
	c := join(t, client, stream, "g", 20)
	for given[last] == 0 {
		e := c.Next()
		given[e.Event.Event.EventNumber]++
		c.Done(e)
	}
	go func() { // what may have timed out meanwhile
		for e := range c.In {
			if e.EventAppeared != nil {
				_ = c.Ack(e.EventAppeared.Event)
			}
		}
	}()
	untilInfo(t, client, stream, "g", esdbtest.SettledAt(last))
	again := 0
	for revision := range last + 1 {
		if given[revision] == 0 {
			t.Errorf("event %d was not given to anybody", revision)
		}
		again += given[revision] - 1
	}
	t.Logf("%d events, %d of them given again", last+1, again)
}
