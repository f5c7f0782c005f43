package main_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	life "github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// TestStoreStopped stops the event store's process under load, in good order and
// then by a kill, for a while (30 s with `make soak`). Commands fail meanwhile and
// say that they can be asked again, nothing is half done, and everybody who
// follows the log goes on where they were.
func TestStoreStopped(t *testing.T) {
	stopped := min(long(t, 3*time.Second), 30*time.Second)
	database := openDatabase(t)
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	data := dataIn(t)
	start := func() *product { return up(t, data, "--role", "node", "--store-port", port) }
	node := start()
	parts := []*product{
		up(t, dataIn(t), "--role", "policies", "--eventstore", node.store, "--worker-secret", sharedSecret),
		up(t, dataIn(t), "--role", "projections", "--eventstore", node.store, "--postgres", database.url()),
	}
	store, err := esdb.Open(node.store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	seen := follow(t, store)
	crowd := gather(t, node.store, 6, 3)
	handler := commands.NewHandler(store, time.Now)
	for _, end := range []func(*product){func(p *product) { p.stop() }, (*product).kill} {
		time.Sleep(2 * time.Second) // under load
		end(node)
		gone := time.Now()
		id := events.NewSessionID()
		order := commands.Issue(life.Request{Session: id, Player: "asks", Game: "doom", Title: "Doom"}, commands.By("player:asks"))
		failed := 0
		for ; time.Since(gone) < stopped; failed++ {
			asked := time.Now()
			_, err := handler.Do(t.Context(), order)
			if !errors.Is(err, events.ErrUnavailable) || time.Since(asked) > 10*time.Second {
				t.Fatalf("after %s: %v, want that the store can't be reached", time.Since(asked), err)
			}
		}
		node = start()
		eventually(t, "the order that failed to be carried out", func() (bool, any) {
			_, err := handler.Do(t.Context(), order)
			return err == nil, err
		})
		t.Logf("stopped for %s, and a command failed %d times; again in use after %s", stopped, failed, time.Since(gone)-stopped)
		crowd.must(commands.Issue(life.End{Session: id, By: "asks", Reason: events.EndedByPlayer}, commands.By("player:asks")))
		crowd.must(commands.Issue(life.Finish{Session: id}, commands.By("worker:crowd"))) // where it had a slot already
		crowd.settlesFor(id)
	}
	sessions := crowd.leave()
	all := crowd.settles(node)
	t.Logf("%d sessions were played", sessions)
	for i, f := range all {
		select {
		case r := <-seen:
			if r.Position != f.Position || r.ID != f.ID {
				t.Fatalf("the %d. event that a subscription delivered is %s@%d, want %s@%d", i+1, r.Stream, r.Revision, f.Stream, f.Revision)
			}
		case <-time.After(bound):
			t.Fatalf("a subscription ends before %s@%d", f.Stream, f.Revision)
		}
	}
	database.follows(t, node.log)
	for _, p := range append(parts, node) {
		p.stop()
	}
}

// settlesFor has no slot left to a session that was requested and ended.
func (c *crowd) settlesFor(id events.SessionID) {
	c.t.Helper()
	holds := func() (held bool, err error) {
		for r, err := range c.store.Read(context.Background(), "worker-crowd", 0) {
			if err != nil {
				return false, err
			}
			event, _, err := events.Decode(r)
			if err != nil {
				return false, err
			}
			switch e := event.(type) {
			case events.SlotReserved:
				held = held || e.Session == id
			case events.SlotReleased:
				held = held && e.Session != id
			}
		}
		return held, nil
	}
	eventually(c.t, "no slot to be held by what has ended", func() (bool, any) {
		held, err := holds()
		return !held && err == nil, err
	})
}

// follow delivers the log, from its start to the end of the test.
func follow(t *testing.T, store *esdb.Store) <-chan events.Recorded {
	t.Helper()
	sub, err := store.Subscribe(t.Context(), events.Start)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan events.Recorded, 100_000) // more than are appended: it waits for nobody
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			d, err := sub.Next(ctx)
			if err != nil {
				return
			}
			if !d.CaughtUp() {
				seen <- *d.Event
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = sub.Close() // never fails
	})
	return seen
}
