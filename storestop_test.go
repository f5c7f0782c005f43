package main_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

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
	t.Parallel() // it waits most of the time
	stopped := min(long(t, 3*time.Second), 30*time.Second)
	s := openStopped(t)
	seen := follow(t, s.store)
	crowd := gather(t, s.node.store, 6, 3)
	one, two := s.gateway.signIn("player1"), s.gateway.signIn("player2")
	id := one.playing("saver")
	following := s.following()
	for _, end := range []func(*product){func(p *product) { p.stop() }, (*product).kill} {
		time.Sleep(2 * time.Second) // under load
		end(s.node)
		outage := s.refuses(&outage{playing: id, player: one, waits: two}, stopped)
		s.node = s.start()
		s.resumes(outage)
		eventually(t, "as many to follow the log as before, to its end", func() (bool, any) {
			now := s.following()
			return now.subscriptions == following.subscriptions && now.behind == 0, now
		})
		crowd.settlesFor(outage.direct)
	}
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	sessions := crowd.leave()
	all := crowd.settles(s.node)
	t.Logf("%d sessions were played, and %d subscriptions went on", sessions, following.subscriptions)
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
	s.database.follows(t, s.node.log)
	for _, p := range append(s.parts, s.node) {
		p.stop()
	}
}

// stoppable is a platform whose store can be stopped, and somebody who uses that
// without a gateway.
type stoppable struct {
	t        *testing.T
	database *database
	metrics  string // where the node tells of its subscriptions
	start    func() *product
	node     *product
	gateway  *product
	parts    []*product // all but the node
	store    *esdb.Store
	handler  *commands.Handler
}

func openStopped(t *testing.T) *stoppable {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	s := &stoppable{t: t, database: openDatabase(t), metrics: freeAddress(t)}
	data := dataIn(t)
	s.start = func() *product {
		return up(t, data, "--role", "node", "--store-port", port, "--metrics-listen", s.metrics)
	}
	s.node = s.start()
	shared := []string{"--eventstore", s.node.store, "--worker-secret", sharedSecret, "--postgres", s.database.url()}
	part := func(role string, more ...string) *product {
		return up(t, dataIn(t), append(append([]string{"--role", role}, shared...), more...)...)
	}
	s.parts = []*product{part("policies"), part("projections"), part("streamer", append(withGames(t), "--worker", "b")...), part("gateway")}
	s.gateway = s.parts[len(s.parts)-1]
	if s.store, err = esdb.Open(s.node.store); err != nil {
		t.Fatal(err)
	}
	s.handler = commands.NewHandler(s.store, time.Now)
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// following is who follows the log, as the node tells.
type following struct {
	subscriptions int
	behind        int // events, the slowest
}

func (s *stoppable) following() (f following) {
	s.t.Helper()
	figures := metricsAt(s.t, s.metrics)
	return following{subscriptions: int(figures["playcast_node_subscriptions"]), behind: int(figures["playcast_node_subscription_lag_events"])}
}

// outage is what was asked in vain while the store was stopped.
type outage struct {
	playing string  // a session that is being played
	player  *player // by whom
	waits   *player // who asks for another

	began    time.Time
	order    commands.Order // without a gateway
	direct   events.SessionID
	asked    string // Command-Id of a request for a session
	paused   string // and of the pause of one
	failures int
	slowest  time.Duration // until one had failed
}

// refuses asks for as long as the store is to be stopped, and wants every command
// to fail soon, and in a way that tells that it can be asked again.
func (s *stoppable) refuses(o *outage, lasts time.Duration) *outage {
	t := s.t
	t.Helper()
	o.began, o.direct, o.asked, o.paused = time.Now(), events.NewSessionID(), uuid.NewString(), uuid.NewString()
	o.order = commands.Issue(life.Request{Session: o.direct, Player: "asks", Game: "doom", Title: "Doom"}, commands.By("player:asks"))
	for ; time.Since(o.began) < lasts; o.failures += 3 {
		asked := time.Now()
		_, err := s.handler.Do(t.Context(), o.order)
		if !errors.Is(err, events.ErrUnavailable) {
			t.Fatalf("got %v, want that the store can't be reached", err)
		}
		o.slowest = max(o.slowest, time.Since(asked))
		for _, ask := range []func() reply{o.request, o.pause} {
			asked = time.Now()
			r := ask()
			o.slowest = max(o.slowest, time.Since(asked))
			var problem struct{ Code string }
			o.player.must(http.StatusServiceUnavailable, r, &problem)
			if problem.Code != "store-unavailable" || r.Header.Get("Retry-After") != "1" {
				t.Fatalf("%v %s, want that nothing can be recorded, and when to ask again", r.Header, r)
			}
		}
		if o.slowest > 10*time.Second {
			t.Fatalf("a command failed after %s", o.slowest)
		}
		if s := o.player.history()[0]; s.State != string(events.SessionIsActive) && s.State != string(events.SessionIsPaused) {
			t.Fatalf("the player's session is %+v while nothing can be recorded", s)
		}
	}
	return o
}

func (o *outage) request() reply {
	return o.waits.do(http.MethodPost, o.waits.url+"/v1/sessions", map[string]any{"game": "saver"}, "Command-Id", o.asked)
}

func (o *outage) pause() reply {
	return o.player.do(http.MethodPost, o.player.url+"/v1/sessions/"+o.playing+"/pause", nil, "Command-Id", o.paused)
}

// resumes asks again, by the same ids, and wants what was asked to be done, once,
// and everybody to go on: the policies give a slot and take it back, the worker
// starts the one session and stops the other, and the views tell of both.
func (s *stoppable) resumes(o *outage) {
	t, one, two := s.t, o.player, o.waits
	t.Helper()
	eventually(t, "the order that failed to be carried out", func() (bool, any) {
		_, err := s.handler.Do(t.Context(), o.order)
		return err == nil, err
	})
	t.Logf("stopped: %d commands failed, after %s at the latest; again in use after %s", o.failures, o.slowest, time.Since(o.began))
	var requested, again accepted
	eventually(t, "the gateway to carry out the request", func() (bool, any) {
		r := o.request()
		if r.StatusCode == http.StatusServiceUnavailable {
			return false, r
		}
		two.must(http.StatusCreated, r, &requested)
		return true, nil
	})
	two.must(http.StatusCreated, o.request(), &again)
	if again != requested {
		t.Errorf("one Command-Id was answered with %+v and %+v", requested, again)
	}
	one.must(http.StatusOK, o.pause(), &again)
	one.see(again)
	one.await(o.playing, events.SessionIsPaused)
	one.steer(o.playing, "resume")
	two.await(requested.Session, events.SessionIsReady)
	two.steer(requested.Session, "end")
	two.await(requested.Session, events.SessionIsEnded)
	for _, command := range []commands.Command[life.State]{
		life.End{Session: o.direct, By: "asks", Reason: events.EndedByPlayer}, life.Finish{Session: o.direct}, // where it had a slot already
	} {
		if _, err := s.handler.Do(t.Context(), commands.Issue(command, commands.By("player:asks"))); err != nil {
			t.Errorf("end what was asked for in vain: %v", err)
		}
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
