package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/session"
	workers "github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// react runs a policy on the stack's log until the test ends.
func (s *stack) react(policy commands.Policy) {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	ctx, cancel := context.WithCancel(context.Background())
	messages, err := feed.NewSubscriber(s.store, feed.FromStart, log).Subscribe(ctx, feed.Everything)
	if err != nil {
		s.t.Fatal(err)
	}
	reactor := commands.NewReactor(policy, s.handler, time.Now, log)
	var group sync.WaitGroup
	group.Go(func() {
		for message := range messages {
			if err := reactor.Handle(message); err != nil {
				message.Nack()
				continue
			}
			message.Ack()
		}
	})
	s.t.Cleanup(func() {
		cancel()
		group.Wait()
	})
}

// await follows a session over a socket until it is in a state.
func (c *client) await(id events.SessionID, state events.SessionState) shown {
	c.t.Helper()
	w := c.dial()
	w.hello(c.token)
	w.send(message{Type: "watch", View: "session", Key: id.String()})
	for {
		m := w.next()
		if m.Type != "state" {
			c.t.Fatalf("got %+v", m)
		}
		if m.State.State == string(state) {
			w.conn.Close()
			return m.State
		}
	}
}

func TestASessionFromRequestToBill(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.react(session.NewAllocation())
	s.react(billing.NewMetering())
	issue(s, workers.Register{Worker: worker, Incarnation: "1", Slots: 1, Encoders: []string{"openh264"}})
	player := s.as(t, "player1")

	answer := player.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`})
	var done accepted
	answer.into(http.StatusCreated, &done)
	if at := answer.header.Get("Location"); at != "/v1/sessions/"+done.Session {
		t.Errorf("the session is at %q", at)
	}
	id := done.id(t)
	player.seen(id, position(t, done.Position))
	player.await(id, events.SessionIsAllocated)
	issue(s, session.Launch{Session: id})
	at := issue(s, session.Ready{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "openh264"})
	ready := player.seen(id, at)
	if ready.State != "ready" || ready.Width != 640 || ready.FrameRate != 35 || ready.Title != "Doom" || ready.Player != "player1" {
		t.Errorf("got %+v", ready)
	}
	connected := player.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp})
	if connected.status != http.StatusCreated {
		t.Fatalf("got %d: %s", connected.status, connected.body)
	}
	for _, step := range []struct{ action, state string }{{"pause", "paused"}, {"resume", "active"}, {"end", "ending"}} {
		player.post(fmt.Sprintf("/v1/sessions/%s/%s", id, step.action)).into(http.StatusOK, &done)
		if got := player.seen(id, position(t, done.Position)); got.State != step.state {
			t.Errorf("after %s it is %s", step.action, got.State)
		}
	}
	issue(s, session.Finish{Session: id})
	ended := player.await(id, events.SessionIsEnded)
	if ended.EndReason != "player" || ended.EndedAt == nil || ended.ActiveSince != nil {
		t.Errorf("got %+v", ended)
	}
	want := []string{"SessionRequested", "SessionAllocated", "SessionLaunched", "SessionReady", "SessionActivated",
		"SessionPaused", "SessionResumed", "SessionEnding", "SessionEnded"}
	if got := s.story(id); !slices.Equal(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestARepeatedCommandTakesEffectOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	request := func(c *client, command string) accepted {
		var done accepted
		c.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`,
			header: map[string]string{"Command-Id": command}}).into(http.StatusCreated, &done)
		return done
	}
	command := uuid.NewString()
	first := request(player, command)
	s.appendsNothing(t, func() {
		if again := request(player, command); again != first {
			t.Errorf("want %+v, got %+v", first, again)
		}
	})
	if other := request(s.as(t, "player2"), command); other.Session == first.Session {
		t.Error("two players' commands met")
	}
	if another := request(player, uuid.NewString()); another.Session == first.Session {
		t.Error("two commands made one session")
	}

	id := first.id(t)
	s.prepare(id)
	issue(s, session.Activate{Session: id})
	pause := ask{method: http.MethodPost, path: "/v1/sessions/" + id.String() + "/pause",
		header: map[string]string{"Command-Id": uuid.NewString()}}
	var paused, again accepted
	player.do(pause).into(http.StatusOK, &paused)
	issue(s, session.Resume{Session: id, By: "player1"})
	player.do(pause).into(http.StatusOK, &again)
	if again != paused {
		t.Errorf("want %+v, got %+v", paused, again)
	}
	if got := s.story(id); got[len(got)-1] != "SessionResumed" {
		t.Errorf("a pause that came late again paused again: %v", got)
	}
}

func TestConcurrentRepeatsTakeEffectOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	request := ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`,
		header: map[string]string{"Command-Id": uuid.NewString()}}
	var group sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		group.Go(func() { answers[i] = player.do(request) })
	}
	group.Wait()
	var first, other accepted
	answers[0].into(http.StatusCreated, &first)
	for _, a := range answers[1:] {
		if a.into(http.StatusCreated, &other); other != first {
			t.Errorf("want %+v, got %+v", first, other)
		}
	}
	if got := s.story(first.id(t)); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestSupportSeesWhatItMayNotSteer(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	id := s.as(t, "player1").play()
	for _, account := range []string{"support1", "analyst1"} {
		staff := s.as(t, account)
		if got := staff.seen(id, 0); got.Player != "player1" {
			t.Errorf("%s sees %+v", account, got)
		}
	}
	s.appendsNothing(t, func() {
		for _, action := range []string{"pause", "resume", "end"} {
			s.as(t, "support1").post("/v1/sessions/"+id.String()+"/"+action).refused(http.StatusForbidden, "session-not-yours")
			s.as(t, "analyst1").post("/v1/sessions/"+id.String()+"/"+action).refused(http.StatusForbidden, "not-permitted")
		}
		s.as(t, "analyst1").do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`}).
			refused(http.StatusForbidden, "not-permitted")
	})
	var page struct{ Sessions []shown }
	s.as(t, "support1").get("/v1/sessions").into(http.StatusOK, &page)
	if len(page.Sessions) != 0 {
		t.Errorf("somebody else's sessions are among support's own: %+v", page)
	}
}

// What follows from a command, as that play is metered, is known by the ids of its
// events: one choice of an id for two sessions must not make the second one's
// look like the first one's.
func TestOneChoiceOfAnIDForTwoSessionsIsTwoCommands(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	chosen := map[string]string{"Command-Id": uuid.NewString()}
	known := map[events.EventID]events.Stream{}
	for range 2 {
		id := player.play()
		issue(s, session.Activate{Session: id})
		at := "/v1/sessions/" + id.String()
		player.do(ask{method: http.MethodPost, path: at + "/recording", body: `{"consent":true}`, header: chosen}).is(http.StatusOK)
		player.do(ask{method: http.MethodPost, path: at + "/pause", header: map[string]string{"Command-Id": uuid.NewString()}}).is(http.StatusOK)
		player.do(ask{method: http.MethodPost, path: at + "/end", header: chosen}).is(http.StatusOK)
		for recorded, err := range s.store.Read(t.Context(), events.SessionStream(id), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if other, taken := known[recorded.ID]; taken {
				t.Errorf("%s of %s has the id of an event of %s", recorded.Type, recorded.Stream, other)
			}
			known[recorded.ID] = recorded.Stream
		}
	}
}
