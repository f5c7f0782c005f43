package main_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// sharedSecret is what the processes of a test's platform share.
const sharedSecret = "only the tests' processes know this"

// withoutWorker starts a platform whose workers are processes of their own.
func withoutWorker(t *testing.T) *product {
	t.Helper()
	return up(t, dataIn(t), "--role", "node,gateway,projections,policies", "--worker-secret", sharedSecret)
}

// work starts a worker of a platform, with one slot.
func (p *product) work(data, name string, more ...string) *product {
	p.t.Helper()
	return up(p.t, data, append([]string{
		"--role", "streamer", "--worker", name, "--slots", "1", "--eventstore", p.store, "--worker-secret", sharedSecret,
	}, more...)...)
}

// playOn plays a session until a window of its quality is recorded.
func (c *player) playOn(p *product) string {
	c.t.Helper()
	eventually(c.t, "the worker's games to be in the library", func() (bool, any) {
		var library struct{ Games []struct{ ID string } }
		c.must(http.StatusOK, c.do(http.MethodGet, c.url+"/v1/games", nil), &library)
		return len(library.Games) > 0, library
	})
	id := c.request("saver")
	c.await(id, events.SessionIsReady)
	view := c.connect(id)
	c.await(id, events.SessionIsActive)
	eventually(c.t, "a window of quality", func() (bool, any) {
		return len(find[events.QualityReported](facts(c.t, p.log()), streamOf(c.t, id))) > 0, view.frames.Load()
	})
	view.await(30) // play that no window tells of
	return id
}

// toldOf watches a session as its player's page does, does something to its
// worker, and returns when the page was told that the session has failed.
func (c *player) toldOf(id string, do func()) (after time.Duration) {
	c.t.Helper()
	var began time.Time
	c.watch(id, "to fail", func(s session) bool {
		if began.IsZero() {
			began = time.Now()
			do()
		}
		return s.State == string(events.SessionIsFailed)
	})
	return time.Since(began)
}

// lostAfter wants a session to have failed with its worker, played until its
// last window and billed as much, once. It returns when that was recorded.
func (p *product) lostAfter(one *player, id string) time.Time {
	p.t.Helper()
	billed := one.awaitBilled(id)
	all := facts(p.t, p.log())
	windows := find[events.QualityReported](all, streamOf(p.t, id))
	failed := find[events.SessionFailed](all, streamOf(p.t, id))
	if len(failed) != 1 || failed[0].Cause != events.FailedWorker || failed[0].Closed == nil {
		p.t.Fatalf("the session has failed with %+v, want its worker to be lost in the middle of play", failed)
	}
	if last := windows[len(windows)-1].To; !failed[0].Closed.To.Equal(last) {
		p.t.Errorf("play ended at %s, want %s, the end of the last window", failed[0].Closed.To, last)
	}
	metered := 0
	for _, m := range find[events.PlaytimeMetered](all, "account-player1") {
		if m.Session.String() != id {
			continue
		}
		if metered++; m.Segment != *failed[0].Closed {
			p.t.Errorf("metered is %+v, want %+v", m.Segment, *failed[0].Closed)
		}
	}
	if metered != 1 || billed.BilledMs != failed[0].Closed.Duration().Milliseconds() {
		p.t.Errorf("play was metered %d times, and %d ms are billed, want %s once", metered, billed.BilledMs, failed[0].Closed.Duration())
	}
	return failed[0].At
}

// TestKillTheWorker kills a worker in mid-game. The player is told, who waits
// is played elsewhere, and the worker's next start finds and ends what is left.
func TestKillTheWorker(t *testing.T) {
	t.Parallel() // it waits most of the time
	p, games, data := withoutWorker(t), withGames(t), dataIn(t)
	b := p.work(data, "b", games...)
	one, two := p.signIn("player1"), p.signIn("player2")
	id := one.playOn(p)
	waiting := two.request("saver")
	two.await(waiting, events.SessionIsQueued)

	var killed time.Time
	told := one.toldOf(id, func() { killed = time.Now(); b.kill() })
	failed := p.lostAfter(one, id)
	lost := find[events.WorkerLost](facts(t, p.log()), "worker-b")
	if len(lost) != 1 || len(lost[0].Sessions) != 1 || lost[0].Sessions[0].String() != id {
		t.Fatalf("lost is %+v, want the worker with the session", lost)
	}
	t.Logf("after the kill: lost after %s, failed after %s, the player told after %s", lost[0].At.Sub(killed), failed.Sub(killed), told)
	if told > 5*time.Second {
		t.Errorf("the player was told after %s, want 5 s at most", told)
	}

	p.work(dataIn(t), "c", games...)
	two.await(waiting, events.SessionIsReady)
	two.connect(waiting)
	two.await(waiting, events.SessionIsActive)
	two.steer(waiting, "end")
	two.await(waiting, events.SessionIsEnded)

	left := processesOf(data)
	if entries, err := os.ReadDir(filepath.Join(data, "run")); err != nil || len(entries) == 0 {
		t.Errorf("the kill has left no directory, %v: then this test does not show that it is removed", err)
	}
	again := p.work(data, "b", games...)
	nothingOf(t, data, id, left)
	next := one.playOn(p)
	one.steer(next, "end")
	one.await(next, events.SessionIsEnded)
	again.stop()
}

// nothingOf wants the processes of an earlier run to have ended, and nothing of
// its session to be left.
func nothingOf(t *testing.T, data, session string, processes []running) {
	t.Helper()
	for _, old := range processes {
		for _, now := range processesOf(data) {
			if now.pid == old.pid {
				t.Errorf("%s has outlived its playcast", now)
			}
		}
	}
	for _, root := range []string{filepath.Join(data, "run"), "/dev/shm", "/tmp", "/sys/fs/cgroup/*", "/sys/fs/cgroup/*/*", "/sys/fs/cgroup/*/*/*"} {
		left, err := filepath.Glob(root + "/*" + session + "*")
		if err != nil {
			t.Fatal(err)
		}
		if len(left) > 0 {
			t.Errorf("the session has left %v", left)
		}
	}
}

// TestAWorkerThatSleeps stops a worker's process for longer than others wait.
// When it goes on, it finds itself lost, ends what it held, and begins anew.
func TestAWorkerThatSleeps(t *testing.T) {
	t.Parallel() // it waits most of the time
	p := withoutWorker(t)
	b := p.work(dataIn(t), "b", withGames(t)...)
	one := p.signIn("player1")
	id := one.playOn(p)

	var slept time.Time
	told := one.toldOf(id, func() { slept = time.Now(); b.signal(syscall.SIGSTOP) })
	failed := p.lostAfter(one, id)
	t.Logf("after the worker fell asleep: failed after %s, the player told after %s", failed.Sub(slept), told)
	if told > 5*time.Second {
		t.Errorf("the player was told after %s, want 5 s at most", told)
	}
	next := one.request("saver")
	one.await(next, events.SessionIsQueued)
	time.Sleep(time.Until(slept.Add(10 * time.Second))) // the sleep itself is what is tested
	b.signal(syscall.SIGCONT)

	one.await(next, events.SessionIsReady)
	for _, r := range processesOf(b.data) {
		if strings.Contains(r.environment["PLAYCAST_RUN"], id) {
			t.Errorf("%s still plays the session that was lost", r)
		}
	}
	one.connect(next)
	one.await(next, events.SessionIsActive)
	one.steer(next, "end")
	one.await(next, events.SessionIsEnded)
	all := facts(t, p.log())
	registered := find[events.WorkerRegistered](all, "worker-b")
	if len(registered) != 2 || registered[0].Incarnation == registered[1].Incarnation {
		t.Errorf("registered is %+v, want the worker twice, as two incarnations", registered)
	}
	if lost := find[events.WorkerLost](all, "worker-b"); len(lost) != 1 {
		t.Errorf("the worker was lost %d times, want once", len(lost))
	}
	p.lostAfter(one, id) // still, and once
	b.stop()
}

// TestDrain lets a worker finish what it has, and no more.
func TestDrain(t *testing.T) {
	t.Parallel() // it waits most of the time
	p, games := withoutWorker(t), withGames(t)
	b := p.work(dataIn(t), "b", games...)
	workers := func(arguments ...string) string {
		t.Helper()
		w := launch(t, append([]string{"workers", "--eventstore", p.store}, arguments...)...)
		if code := w.exit(); code != 0 {
			t.Fatalf("workers %v ended with %d: %s", arguments, code, w.stderr.tail(5))
		}
		var lines []string
		for line := range w.lines {
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
	one, two := p.signIn("player1"), p.signIn("player2")
	id := one.playOn(p)
	if said := workers("drain", "b"); !strings.Contains(said, "1 session") {
		t.Errorf("drain said %q, want that one session is left", said)
	}
	waiting := two.request("saver")
	two.await(waiting, events.SessionIsQueued)
	if said := workers("list"); !strings.Contains(said, "draining") {
		t.Errorf("list said %q, want that b is draining", said)
	}
	view := one.connect(id) // what runs there goes on, reloads and all
	view.await(30)

	c := p.work(dataIn(t), "c", append([]string{"--region", "eu-west"}, games...)...)
	two.await(waiting, events.SessionIsReady)
	if said := workers("list"); !strings.Contains(said, "eu-west") {
		t.Errorf("list said %q, want where c is", said)
	}
	patient := launch(t, "workers", "--eventstore", p.store, "drain", "b", "--wait")
	one.steer(id, "end")
	if s := one.await(id, events.SessionIsEnded); s.EndReason != string(events.EndedByPlayer) {
		t.Errorf("the session on the worker that drains is %+v, want it ended by its player", s)
	}
	if code := patient.exit(); code != 0 {
		t.Errorf("who waited for the drain ended with %d: %s", code, patient.stderr.tail(5))
	}
	eventually(t, "the worker to say that it has drained", func() (bool, any) { return b.stderr.has("has drained"), b.stderr.tail(3) })
	third := one.request("saver")
	one.await(third, events.SessionIsQueued)
	if said := workers("resume", "b"); !strings.Contains(said, "b") {
		t.Errorf("resume said %q", said)
	}
	one.await(third, events.SessionIsReady)
	for id, want := range map[string]events.WorkerID{id: "b", waiting: "c", third: "b"} {
		if got := find[events.SessionAllocated](facts(t, p.log()), streamOf(t, id)); len(got) != 1 || got[0].Worker != want {
			t.Errorf("%s was allocated %+v, want %s alone", id, got, want)
		}
	}
	one.steer(third, "end")
	one.await(third, events.SessionIsEnded)
	two.steer(waiting, "end")
	two.await(waiting, events.SessionIsEnded)
	b.stop()
	c.stop()
}

// TestOneRoleAProcess plays a session on a platform of five processes, two of
// which share what the first has made.
func TestOneRoleAProcess(t *testing.T) {
	t.Parallel() // it waits most of the time
	database := openDatabase(t)
	node := up(t, dataIn(t), "--role", "node")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(sharedSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	of := func(role string, more ...string) *product {
		return up(t, dataIn(t), append([]string{"--role", role, "--eventstore", node.store}, more...)...)
	}
	parts := []*product{
		of("projections", "--postgres", database.url()),
		of("policies", "--worker-secret-file", secret),
		of("streamer", append(withGames(t), "--worker", "b", "--worker-secret-file", secret)...),
	}
	p := of("gateway", "--postgres", database.url(), "--worker-secret-file", secret)
	p.store = node.store
	one := p.signIn("player1")
	id := one.playOn(p)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	one.awaitBilled(id)
	theGatewayIsMissed(t, p, one)
	for _, part := range append(parts, node) {
		part.stop()
	}
}

// theGatewayIsMissed kills a gateway to which a player is connected: the policies,
// which ask it from another process, end the connection that it held.
func theGatewayIsMissed(t *testing.T, p *product, one *player) {
	t.Helper()
	conn := one.hello("kept")
	defer conn.Close()
	of := events.PresenceStream("player1")
	eventually(t, "the connection to be recorded", func() (bool, any) {
		all := find[events.DeviceConnected](facts(t, p.log()), of)
		return slices.ContainsFunc(all, func(c events.DeviceConnected) bool { return c.Connection.Device == "kept" }), all
	})
	killed := time.Now()
	p.kill()
	eventually(t, "the connection to be ended", func() (bool, any) {
		all := find[events.DeviceDisconnected](facts(t, p.log()), of)
		return slices.ContainsFunc(all, func(d events.DeviceDisconnected) bool {
			return d.Connection.Device == "kept" && d.Cause == events.DisconnectGatewayGone
		}), all
	})
	took := time.Since(killed).Round(time.Millisecond)
	t.Logf("the gateway's connection was ended %s after its kill", took)
	if took > 5*time.Second {
		t.Errorf("the gateway was missed after %s", took)
	}
}

// TestTwoWorkersOfOneName: the later one has the name, the earlier one ends and
// says why.
func TestTwoWorkersOfOneName(t *testing.T) {
	t.Parallel() // it waits most of the time
	p, games := withoutWorker(t), withGames(t)
	first := p.work(dataIn(t), "b", games...)
	second := p.work(dataIn(t), "b", games...)
	if code := first.exit(); code != 1 || !first.stderr.has("--worker") {
		t.Errorf("the first ended with %d and said %s, want 1 and what to do", code, first.stderr.tail(3))
	}
	one := p.signIn("player1")
	id := one.playOn(p)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	second.stop()
}

// TestAWorkerBesideTheFirst plays one session on the worker of a whole platform
// and one on a worker of another process, which has a game of its own: that
// stays in the library when the first starts again.
func TestAWorkerBesideTheFirst(t *testing.T) {
	t.Parallel() // it waits most of the time
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	data, own := dataIn(t), filepath.Join(t.TempDir(), "games.yaml")
	if err := os.WriteFile(own, []byte(games+"  - {id: extra, title: Extra, command: ['{playcast}', lab], width: 320, height: 240, frameRate: 30}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := append(withGames(t), "--slots", "1", "--worker-secret", sharedSecret, "--store-port", port)
	p := up(t, data, arguments...)
	b := p.work(dataIn(t), "b", "--games", own)
	one, two := p.signIn("player1"), p.signIn("player2")
	first := one.playOn(p)
	second := two.request("saver")
	two.await(second, events.SessionIsReady)
	two.connect(second).await(30)
	two.await(second, events.SessionIsActive)
	for id, want := range map[string]events.WorkerID{first: "b", second: "worker-1"} {
		if got := find[events.SessionAllocated](facts(t, p.log()), streamOf(t, id)); len(got) != 1 || got[0].Worker != want {
			t.Errorf("%s was allocated %+v, want %s", id, got, want)
		}
	}
	two.steer(second, "end")
	two.await(second, events.SessionIsEnded)

	p.stop()
	p = up(t, data, arguments...)
	one = p.signIn("player1")
	if state := one.await(first, events.SessionIsActive, events.SessionIsBroken); state.EndReason != "" {
		t.Errorf("the session on the other worker is %+v after the first has started again", state)
	}
	one.connect(first).await(30)
	one.steer(first, "end")
	one.await(first, events.SessionIsEnded)
	extra := one.request("extra")
	one.await(extra, events.SessionIsReady)
	one.steer(extra, "end")
	one.await(extra, events.SessionIsEnded)
	b.stop()
	p.stop()
}
