package main_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

// TestKill kills playcast in the middle of a session, as the kernel does when
// memory runs out, and starts another one on its data.
func TestKill(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	arguments := append(withGames(t), "--slots", "1")
	p := up(t, data, arguments...)
	t.Logf("first start: %s", p.took.Round(time.Millisecond))
	one := p.signIn("player1")
	id := one.request("saver")
	stream := streamOf(t, id)
	one.await(id, events.SessionIsReady)
	view := one.connect(id)
	one.await(id, events.SessionIsActive)
	eventually(t, "a window of quality", func() (bool, any) {
		return len(find[events.QualityReported](facts(t, p.log()), stream)) > 0, view.frames.Load()
	})
	view.await(30) // play that no window tells of
	waiting := p.signIn("player2").request("saver")

	before, left := p.log(), processesOf(data)
	killed := time.Now()
	p.kill()

	p = up(t, data, arguments...)
	t.Logf("start after the kill: %s", p.took.Round(time.Millisecond))
	for _, old := range left {
		for _, now := range processesOf(data) {
			if now.pid == old.pid {
				t.Errorf("%s has outlived its playcast", now)
			}
		}
	}
	one = p.signIn("player1")
	one.await(id, events.SessionIsFailed)
	failed := one.awaitBilled(id)
	after := p.log()
	if diff := cmp.Diff(before, after[:min(len(before), len(after))]); diff != "" {
		t.Errorf("events that were there are not any more, or not as they were (-before +after):\n%s", diff)
	}

	all := facts(t, after)
	windows := find[events.QualityReported](all, stream)
	last := windows[len(windows)-1]
	end := find[events.SessionFailed](all, stream)
	if len(end) != 1 || end[0].Cause != events.FailedWorker || end[0].Closed == nil {
		t.Fatalf("the session has failed with %+v, want its worker to be lost in the middle of play", end)
	}
	if !end[0].Closed.To.Equal(last.To) || end[0].Closed.To.After(killed) {
		t.Errorf("play ended at %s, want %s, the end of the last window; the kill was at %s", end[0].Closed.To, last.To, killed)
	}
	metered := find[events.PlaytimeMetered](all, "account-player1")
	if len(metered) != 1 || metered[0].Segment != *end[0].Closed || failed.BilledMs != metered[0].Segment.Duration().Milliseconds() {
		t.Errorf("metered is %+v, the session shows %d ms, want the segment %+v alone", metered, failed.BilledMs, *end[0].Closed)
	}
	t.Logf("played until %s before the kill, billed %d ms", killed.Sub(last.To).Round(time.Millisecond), failed.BilledMs)

	// The slot is free: who waited has it now.
	two := p.signIn("player2")
	two.await(waiting, events.SessionIsReady)
	two.connect(waiting)
	two.await(waiting, events.SessionIsActive)
	two.steer(waiting, "end")
	two.await(waiting, events.SessionIsEnded)
	p.stop()
}

// TestGameCrash ends games in every way that they end of themselves, on a
// worker with one slot: each frees it for the next.
func TestGameCrash(t *testing.T) {
	p := up(t, dataIn(t), append(withGames(t), "--slots", "1")...)
	one := p.signIn("player1")
	play := func(t *testing.T) string {
		id := one.request("saver")
		one.await(id, events.SessionIsReady)
		one.connect(id)
		one.await(id, events.SessionIsActive)
		return id
	}
	ended := func(t *testing.T, id string) session {
		s := one.await(id, events.SessionIsEnded, events.SessionIsFailed)
		slotsHeld(t, p, 0)
		for _, r := range processesOf(p.data) {
			if strings.Contains(r.environment["PLAYCAST_RUN"], id) {
				t.Errorf("%s is left of the session", r)
			}
		}
		if entries, err := os.ReadDir(p.data + "/run"); err != nil || len(entries) > 0 {
			t.Errorf("the session has left files: %v %v", entries, err)
		}
		return s
	}
	signal := func(t *testing.T, id string, s syscall.Signal) {
		if err := syscall.Kill(p.gameOf(id).pid, s); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("crash", func(t *testing.T) {
		id := play(t)
		signal(t, id, syscall.SIGSEGV)
		if s := ended(t, id); s.FailureCause != string(events.FailedGame) {
			t.Errorf("the session is %+v, want it failed because the game crashed", s)
		}
	})
	t.Run("left from within", func(t *testing.T) {
		id := play(t)
		signal(t, id, syscall.SIGTERM)
		if s := ended(t, id); s.EndReason != string(events.EndedByGame) {
			t.Errorf("the session is %+v, want it ended by the game", s)
		}
	})
	t.Run("broken at the start", func(t *testing.T) {
		id := one.request("broken")
		if s := ended(t, id); s.FailureCause != string(events.FailedLaunch) {
			t.Errorf("the session is %+v, want its launch failed", s)
		}
		failed := find[events.SessionFailed](facts(t, p.log()), streamOf(t, id))
		if len(failed) != 1 || !strings.Contains(failed[0].Detail, "the cartridge is dusty") {
			t.Errorf("the operator is told %+v, want what the game said", failed)
		}
	})
	t.Run("display lost", func(t *testing.T) {
		id := play(t)
		for _, r := range processesOf(p.data) {
			if strings.HasSuffix(r.environment["PLAYCAST_RUN"], id+"-display") {
				if err := syscall.Kill(r.pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
		}
		if s := ended(t, id); s.State != string(events.SessionIsFailed) {
			t.Errorf("the session is %+v, want it failed", s)
		}
	})
	t.Run("and the next one plays", func(t *testing.T) {
		id := play(t)
		one.steer(id, "end")
		if s := ended(t, id); s.EndReason != string(events.EndedByPlayer) {
			t.Errorf("the session is %+v, want it ended by the player", s)
		}
	})
	p.stop()
}
