package main_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/catalog"
	life "github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// TestDatabaseStopped stops PostgreSQL under load, in good order and then by a
// crash, for a while (30 s with `make soak`). Commands go on being accepted and
// the policies go on; reads say that they can't be answered, and then that they
// are behind; and afterwards every view is what its events make of it, and who
// watched sees the newest.
func TestDatabaseStopped(t *testing.T) {
	t.Parallel() // it waits most of the time
	stopped := min(long(t, 3*time.Second), 30*time.Second)
	s := openUnread(t)
	for _, end := range []func(*database){(*database).stop, (*database).crash} {
		s.outage(end, stopped)
	}
	all := s.leave()
	s.figures()
	onceOnly(t, all)
	s.stories(all)
	s.rebuilt()
	for _, p := range append(s.parts, s.node) {
		p.stop()
	}
}

// unread is a platform whose database can be stopped, and players who load it
// through the gateway. The worker is played by the test.
type unread struct {
	t        *testing.T
	database *database
	node     *product
	gateway  *product
	parts    []*product // all but the node
	worker   *crowd
	watched  string // a session of one's that somebody watches
	one      *player
	pushed   *pushes

	stopped atomic.Bool
	over    chan struct{} // closed when no further session is to begin
	group   sync.WaitGroup
	tally
}

// tally is what the players' commands came to.
type tally struct {
	mu       sync.Mutex
	sessions []string // that were requested
	asked    []command
}

// command is one that a player sent.
type command struct {
	took    time.Duration
	refusal string // its code; empty: it was accepted
	stopped bool   // the database was, all the while
}

func openUnread(t *testing.T) *unread {
	t.Helper()
	s := &unread{t: t, database: openDatabase(t), over: make(chan struct{})}
	s.node = up(t, dataIn(t), "--role", "node")
	part := func(role string) *product {
		return up(t, dataIn(t), "--role", role, "--eventstore", s.node.store, "--worker-secret", sharedSecret,
			"--postgres", s.database.url(), "--limit-sessions", "1000")
	}
	s.gateway = part("gateway")
	s.parts = []*product{part("policies"), part("projections"), s.gateway}
	s.worker = gather(t, s.node.store, 0, 16)
	doom := events.Game{ID: "doom", Title: "Doom", Command: []string{"doom"}, Width: 320, Height: 240, FrameRate: 60, Inputs: []events.Input{events.Keyboard}}
	s.worker.must(commands.Issue(catalog.Publish{Game: doom}, commands.By("worker:crowd")))
	s.one = s.gateway.signIn("player1")
	s.watched = s.one.request("doom")
	s.plays(s.watched)
	s.pushed = s.one.pushes(s.watched)
	for _, name := range []string{"player1", "player2", "player1", "player2"} {
		by := s.gateway.signIn(name)
		s.group.Go(func() {
			for {
				select {
				case <-s.over:
					return
				default:
					s.play(by)
				}
			}
		})
	}
	return s
}

// plays has the worker bring a session up, once the policies have given it a slot.
func (s *unread) plays(text string) {
	id, err := events.ParseSessionID(text)
	if err != nil || !s.worker.has(id, "SessionAllocated") {
		s.t.Errorf("session %q was given no slot: %v", text, err)
		return
	}
	for _, command := range []commands.Command[life.State]{
		life.Launch{Session: id}, life.Ready{Session: id, Width: 320, Height: 240, FrameRate: 60, Encoder: "none"}, life.Activate{Session: id},
	} {
		s.worker.must(commands.Issue(command, commands.By("worker:crowd")))
	}
}

// ended has the worker finish what a player has ended.
func (s *unread) ended(text string) {
	if id, err := events.ParseSessionID(text); err == nil {
		s.worker.must(commands.Issue(life.Finish{Session: id, Reason: events.EndedByPlayer}, commands.By("worker:crowd")))
	}
}

// play is the life of a session, whose every command is a player's.
func (s *unread) play(by *player) {
	requested, ok := s.ask(by, "/v1/sessions", map[string]any{"game": "doom"})
	if !ok {
		return
	}
	s.mu.Lock()
	s.sessions = append(s.sessions, requested.Session)
	s.mu.Unlock()
	s.plays(requested.Session)
	for _, what := range []string{"pause", "resume", "end"} {
		s.ask(by, "/v1/sessions/"+requested.Session+"/"+what, nil)
	}
	s.ended(requested.Session)
}

// ask sends a command, and keeps what it came to.
func (s *unread) ask(by *player, address string, body any) (accepted, bool) {
	stopped, began := s.stopped.Load(), time.Now()
	r := by.do(http.MethodPost, by.url+address, body, "Command-Id", uuid.NewString())
	took := time.Since(began)
	var done struct {
		accepted
		Code string
	}
	if err := json.Unmarshal(r.body, &done); err != nil {
		s.t.Errorf("POST %s: %s: %v", address, r, err)
	}
	if r.StatusCode >= http.StatusMultipleChoices && done.Code == "" {
		done.Code = r.Status
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, command{took: took, refusal: done.Code, stopped: stopped && s.stopped.Load()})
	return done.accepted, done.Code == ""
}

// outage stops the database for a while, and wants commands accepted and reads
// to say that they can't be answered; then it starts it, and wants the newest
// everywhere.
func (s *unread) outage(end func(*database), lasts time.Duration) {
	t, one := s.t, s.one
	t.Helper()
	time.Sleep(2 * time.Second) // under load
	end(s.database)
	s.stopped.Store(true)
	began, before := time.Now(), s.begun()
	var paused accepted
	one.must(http.StatusOK, one.do(http.MethodPost, one.url+"/v1/sessions/"+s.watched+"/pause", nil), &paused)
	reads := map[string]string{
		"one": "/v1/sessions/" + s.watched, "newer": "/v1/sessions/" + s.watched + "?position=" + paused.Position,
		"list": "/v1/sessions", "account": "/v1/account",
	}
	var slowest time.Duration
	asked := 0
	for ; time.Since(began) < lasts; time.Sleep(20 * time.Millisecond) {
		for _, address := range reads {
			at := time.Now()
			if code := one.unread(one.url + address); code != "read-side-unavailable" {
				t.Fatalf("GET %s is answered with %q, %s after the database was stopped", address, code, time.Since(began))
			}
			slowest, asked = max(slowest, time.Since(at)), asked+1
		}
	}
	t.Logf("stopped for %s: %d reads were refused, the slowest after %s; %d sessions began", lasts, asked, slowest, s.begun()-before)
	if s.begun() == before {
		t.Error("no session began while the database was stopped")
	}
	var resumed accepted
	one.must(http.StatusOK, one.do(http.MethodPost, one.url+"/v1/sessions/"+s.watched+"/resume", nil), &resumed)
	s.stopped.Store(false)
	s.database.start()
	s.catchesUp(resumed)
}

// catchesUp wants reads at a position to be answered rightly or not at all, and
// the watcher to be told.
func (s *unread) catchesUp(resumed accepted) {
	t, one := s.t, s.one
	t.Helper()
	began, codes := time.Now(), map[string]int{}
	eventually(t, "the read side to catch up", func() (bool, any) {
		r := one.do(http.MethodGet, one.url+"/v1/sessions/"+s.watched+"?position="+resumed.Position, nil)
		var shown struct {
			session
			Code string
		}
		one.must(r.StatusCode, r, &shown)
		switch {
		case r.StatusCode == http.StatusOK && shown.State == string(events.SessionIsActive) && place(t, shown.Position) >= place(t, resumed.Position):
			return true, nil
		case shown.Code == "read-side-unavailable", shown.Code == "view-behind":
			codes[shown.Code]++
			return false, shown.Code
		}
		t.Fatalf("what was read at position %s is %s", resumed.Position, r)
		return false, nil
	})
	t.Logf("started: the read side is level after %s, until then it answered %v", time.Since(began), codes)
	eventually(t, "who watches to be told of the last", func() (bool, any) {
		last := s.pushed.newest()
		return last.State == string(events.SessionIsActive) && place(t, last.Position) >= place(t, resumed.Position), last
	})
}

func place(t *testing.T, position string) uint64 {
	t.Helper()
	at, err := strconv.ParseUint(position, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// begun counts the sessions that were requested.
func (s *unread) begun() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// leave ends the load, and returns the log when everything is settled.
func (s *unread) leave() []fact {
	s.t.Helper()
	close(s.over)
	s.group.Wait()
	s.ask(s.one, "/v1/sessions/"+s.watched+"/end", nil)
	s.ended(s.watched)
	all, _ := settledLog(s.t, s.node)
	s.worker.leave()
	return all
}

// figures tells how long commands took, and wants none refused.
func (s *unread) figures() {
	for _, stopped := range []bool{false, true} {
		var took []time.Duration
		refused := map[string]int{}
		for _, c := range s.asked {
			switch {
			case c.refusal != "":
				refused[c.refusal]++
			case c.stopped == stopped:
				took = append(took, c.took)
			}
		}
		if len(refused) > 0 || len(took) == 0 {
			s.t.Fatalf("with the database stopped (%t), %d commands were accepted, and refused were %v", stopped, len(took), refused)
		}
		slices.Sort(took)
		s.t.Logf("with the database stopped (%t), %d commands were accepted: p50 %s, p99 %s, the slowest %s",
			stopped, len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
		if slowest := took[len(took)-1]; slowest > 10*time.Second {
			s.t.Errorf("a command took %s", slowest)
		}
	}
}

// stories holds each session that was accepted to what was done with it, once.
func (s *unread) stories(all []fact) {
	per := map[events.Stream][]string{}
	for _, f := range all {
		if f.Type != "SessionQueued" {
			per[f.Stream] = append(per[f.Stream], f.Type)
		}
	}
	whole := []string{"SessionRequested", "SessionAllocated", "SessionLaunched", "SessionReady", "SessionActivated",
		"SessionPaused", "SessionResumed", "SessionEnding", "SessionEnded"}
	for _, id := range s.sessions {
		if story := per[events.Stream("session-"+id)]; !slices.Equal(story, whole) {
			s.t.Errorf("%s: %v", id, story)
		}
	}
}

// rebuilt builds every view again from the log and wants it equal to what is
// shown, row by row.
func (s *unread) rebuilt() {
	s.t.Helper()
	p := launch(s.t, "projections", "rebuild", "--all", "--json", "--data", s.gateway.data)
	var views []struct {
		View, Reason string
		Compared     bool
	}
	if err := json.Unmarshal([]byte(p.line()), &views); err != nil {
		s.t.Fatal(err)
	}
	if code := p.exit(); code != 0 || len(views) == 0 {
		s.t.Errorf("the rebuild of %d views ended with %d: %s", len(views), code, p.stderr.tail(20))
	}
	for _, v := range views {
		if !v.Compared {
			s.t.Errorf("view %s was not compared: %s", v.View, v.Reason)
		}
	}
}

// unread asks what can't be answered, and returns the code of the refusal.
func (c *player) unread(address string) string {
	c.t.Helper()
	r := c.do(http.MethodGet, address, nil)
	var problem struct{ Code string }
	c.must(http.StatusServiceUnavailable, r, &problem)
	if r.Header.Get("Retry-After") == "" {
		c.t.Errorf("GET %s does not say when to ask again", address)
	}
	return problem.Code
}

// pushes is what a socket is told of a session.
type pushes struct {
	conn *websocket.Conn
	done chan struct{}
	mu   sync.Mutex
	last session
}

// pushes watches a session until the test ends.
func (c *player) pushes(id string) *pushes {
	c.t.Helper()
	p := &pushes{conn: c.hello(""), done: make(chan struct{})}
	if err := p.conn.SetReadDeadline(time.Time{}); err != nil {
		c.t.Fatal(err)
	}
	if err := p.conn.WriteJSON(map[string]string{"type": "watch", "view": "session", "key": id}); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		for {
			var push struct{ State session }
			if p.conn.ReadJSON(&push) != nil {
				return
			}
			if push.State.ID != "" {
				p.mu.Lock()
				p.last = push.State
				p.mu.Unlock()
			}
		}
	}()
	c.t.Cleanup(func() {
		_ = p.conn.Close()
		<-p.done
	})
	return p
}

func (p *pushes) newest() session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}
