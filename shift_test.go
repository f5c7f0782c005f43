package main_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	life "github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// crowd plays sessions by their commands, as gateway and worker issue them: more
// at once than there are slots.
type crowd struct {
	t       *testing.T
	store   *esdb.Store
	handler *commands.Handler
	over    chan struct{} // closed when no further session is to begin
	group   sync.WaitGroup

	mu     sync.Mutex
	played []events.SessionID
}

func gather(t *testing.T, connection string, players, slots int) *crowd {
	t.Helper()
	store, err := esdb.Open(connection)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, store: store, handler: commands.NewHandler(store, time.Now), over: make(chan struct{})}
	c.must(commands.Issue(worker.Register{Worker: "crowd", Incarnation: "a", Slots: slots, Games: []events.GameID{"doom"}}, commands.By("worker:crowd")))
	for n := range players {
		player := events.PlayerID(fmt.Sprintf("player-%d", n))
		c.group.Go(func() {
			for {
				select {
				case <-c.over:
					return
				default:
					c.play(player)
				}
			}
		})
	}
	return c
}

// must carries out an order, however often it has to be asked.
func (c *crowd) must(order commands.Order) {
	for deadline := time.Now().Add(2 * bound); ; time.Sleep(20 * time.Millisecond) {
		_, err := c.handler.Do(context.Background(), order)
		var fault *events.Fault
		retryable := errors.Is(err, events.ErrUnavailable) || errors.As(err, &fault) && fault.Kind == events.Unavailable
		if err == nil {
			return
		}
		if !retryable || time.Now().After(deadline) {
			c.t.Errorf("%s: %v, and that can't be asked again", order.Name, err)
			return
		}
	}
}

func (c *crowd) play(player events.PlayerID) {
	id := events.NewSessionID()
	do := func(command commands.Command[life.State]) {
		c.must(commands.Issue(command, commands.By(events.ByPlayer(player))))
	}
	do(life.Request{Session: id, Player: player, Game: "doom", Title: "Doom"})
	if !c.has(id, "SessionAllocated") {
		c.t.Errorf("%s was given no slot", id)
		return
	}
	do(life.Launch{Session: id})
	do(life.Ready{Session: id, Width: 320, Height: 240, FrameRate: 60, Encoder: "none"})
	do(life.Activate{Session: id})
	do(life.Pause{Session: id, By: player})
	do(life.Resume{Session: id, By: player})
	do(life.Finish{Session: id, Reason: events.EndedByGame})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.played = append(c.played, id)
}

// has waits for an event of a session, over stops of the store if need be.
func (c *crowd) has(id events.SessionID, kind string) bool {
	for deadline := time.Now().Add(3 * bound); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for r, err := range c.store.Read(context.Background(), events.SessionStream(id), 0) {
			if err == nil && r.Type == kind {
				return true
			}
		}
	}
	return false
}

// leave waits for the last sessions, and returns how many were played.
func (c *crowd) leave() int {
	close(c.over)
	c.group.Wait()
	if err := c.store.Close(); err != nil {
		c.t.Errorf("close the store: %v", err)
	}
	return len(c.played)
}

// settles waits until the policies have settled all, and holds the log to what
// has to be true of it: nothing is there twice, nothing is missing.
func (c *crowd) settles(p *product) []fact {
	c.t.Helper()
	all, _ := settledLog(c.t, p)
	onceOnly(c.t, all)
	per := map[events.Stream][]string{}
	metered := map[events.SessionID]int{}
	for _, f := range all {
		if e, is := f.event.(events.PlaytimeMetered); is {
			metered[e.Session]++
		}
		if f.Type != "SessionQueued" {
			per[f.Stream] = append(per[f.Stream], f.Type)
		}
	}
	whole := []string{"SessionRequested", "SessionAllocated", "SessionLaunched", "SessionReady", "SessionActivated",
		"SessionPaused", "SessionResumed", "SessionEnded"}
	for _, id := range c.played {
		if story := per[events.SessionStream(id)]; !slices.Equal(story, whole) || metered[id] != 2 {
			c.t.Errorf("%s: %v, and %d segments are metered, want 2", id, story, metered[id])
		}
	}
	return all
}

// TestPoliciesStandBy kills the one of two processes that runs the policies, again
// and again, and stops it once as if its machine slept, under load.
func TestPoliciesStandBy(t *testing.T) {
	t.Parallel() // it waits most of the time
	lasts := long(t, 10*time.Second)
	database := openDatabase(t)
	node := up(t, dataIn(t), "--role", "node")
	start := func() *product {
		return up(t, dataIn(t), "--role", "policies", "--eventstore", node.store, "--postgres", database.url(), "--worker-secret", sharedSecret)
	}
	const here = "the policies run here now"
	pair := []*product{start(), start()}
	active := func() (at int) {
		eventually(t, "one process to run the policies", func() (bool, any) {
			at = slices.IndexFunc(pair, func(p *product) bool { return p.stderr.has(here) })
			return at >= 0, nil
		})
		return at
	}
	active()
	crowd := gather(t, node.store, 6, 3)
	var slowest time.Duration
	kills := 0
	for began := time.Now(); time.Since(began) < lasts; kills++ {
		at := active()
		time.Sleep(time.Second) // under load
		gone := time.Now()
		pair[at].kill()
		if other := pair[1-at]; !other.stderr.has(here) {
			eventually(t, "the other process to run the policies", func() (bool, any) { return other.stderr.has(here), other.stderr.tail(3) })
		}
		slowest = max(slowest, time.Since(gone))
		pair[at] = start()
	}
	asleep := pair[active()]
	asleep.signal(syscall.SIGSTOP)
	gone := time.Now()
	awake := pair[1-slices.Index(pair, asleep)]
	eventually(t, "the other process to run the policies", func() (bool, any) { return awake.stderr.has(here), awake.stderr.tail(3) })
	slept := time.Since(gone)
	asleep.signal(syscall.SIGCONT)
	eventually(t, "the one that slept to stand by", func() (bool, any) { return asleep.stderr.has("stands by"), asleep.stderr.tail(3) })
	sessions := crowd.leave()
	crowd.settles(node)
	t.Logf("%d sessions, %d kills: the other took over within %s; of one that slept within %s", sessions, kills, slowest, slept)
	if slowest > 3*time.Second || slept > 3*time.Second {
		t.Errorf("the other took over after %s, of one that slept after %s, want 3 s at most", slowest, slept)
	}
	for _, p := range append(pair, node) {
		p.stop()
	}
}
