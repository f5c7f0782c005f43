package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// TestSlots lets two players play at once, each with a display, a game and
// saves of their own, and a third wait.
func TestSlots(t *testing.T) {
	data := dataIn(t)
	p := up(t, data, withGames(t)...)
	one, two := p.signIn("player1"), p.signIn("player2")
	first, second := one.request("saver"), two.request("saver")
	one.await(first, events.SessionIsReady)
	two.await(second, events.SessionIsReady)
	three := p.signIn("support1")
	third := three.request("saver")
	if s := three.await(third, events.SessionIsQueued); s.QueuePlace != 1 {
		t.Errorf("the third is %+v, want it first in the queue", s)
	}
	views := []*viewer{one.connect(first), two.connect(second)}
	one.await(first, events.SessionIsActive)
	two.await(second, events.SessionIsActive)
	for _, view := range views {
		view.await(30)
	}

	games := []running{p.gameOf(first), p.gameOf(second)}
	if a, b := games[0].environment["DISPLAY"], games[1].environment["DISPLAY"]; a == "" || a == b {
		t.Errorf("the display is %q for the one game and %q for the other, want two", a, b)
	}
	for i, player := range []string{"player1", "player2"} {
		saved(t, p.homeOf(player, "saver"), games[i].environment["DISPLAY"])
	}

	// Their ends are of no concern to each other.
	one.steer(first, "end")
	one.await(first, events.SessionIsEnded)
	if s := three.await(third, events.SessionIsReady); s.QueuePlace != 0 {
		t.Errorf("the third has started and is %+v, want it out of the queue", s)
	}
	views[1].await(30)
	three.connect(third)
	three.await(third, events.SessionIsActive)

	// The next session of the same player and game finds the saves.
	two.steer(second, "end")
	two.await(second, events.SessionIsEnded)
	next := two.request("saver")
	two.await(next, events.SessionIsReady)
	saved(t, p.homeOf("player2", "saver"), games[1].environment["DISPLAY"], p.gameOf(next).environment["DISPLAY"])
	two.steer(next, "end")
	two.await(next, events.SessionIsEnded)
	three.steer(third, "end")
	three.await(third, events.SessionIsEnded)
	p.stop()
}

// saved wants a home to hold the displays that its player's games have noted.
func saved(t *testing.T, home string, displays ...string) {
	t.Helper()
	save, err := os.ReadFile(filepath.Join(home, "save"))
	if err != nil || string(save) != strings.Join(displays, "\n")+"\n" {
		t.Errorf("the save in %s is %q (%v), want %q", home, save, err, displays)
	}
}

// TestInterrupt ends playcast by Ctrl-C in the middle of a session, while
// another one waits, and starts it again.
func TestInterrupt(t *testing.T) {
	data := dataIn(t)
	arguments := append(withGames(t), "--slots", "1")
	p := up(t, data, arguments...)
	one, two := p.signIn("player1"), p.signIn("player2")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	view := one.connect(id)
	one.await(id, events.SessionIsActive)
	view.await(30)
	waiting := two.request("saver")
	two.await(waiting, events.SessionIsQueued)
	took := p.stop()
	t.Logf("ended after %s with a session in play", took.Round(time.Millisecond))
	if took > 10*time.Second {
		t.Errorf("the end took %s", took)
	}

	p = up(t, data, arguments...)
	t.Logf("second start: %s", p.took.Round(time.Millisecond))
	if p.took > 5*time.Second {
		t.Errorf("the second start took %s, want less than 5 s", p.took)
	}
	one, two = p.signIn("player1"), p.signIn("player2")
	if s := one.awaitBilled(id); s.State != string(events.SessionIsEnded) || s.EndReason != string(events.EndedByShutdown) || s.PlayedMs == 0 {
		t.Errorf("the session is %+v, want it ended, because its worker was stopped, with its play", s)
	}
	two.await(waiting, events.SessionIsReady)
	// It has waited, and was not given the slot of the worker that was ending.
	for _, f := range facts(t, p.log()) {
		if f.Type == "WorkerStopped" {
			break
		}
		if allocated, ok := f.event.(events.SessionAllocated); ok && allocated.Session.String() == waiting {
			t.Errorf("%s came before the end of its worker", f)
		}
	}
	two.steer(waiting, "end")
	two.await(waiting, events.SessionIsEnded)

	// A second interrupt is for who can't wait: nothing is left behind all the same.
	id = one.request("saver")
	one.await(id, events.SessionIsReady)
	p.signal(syscall.SIGINT)
	p.signal(syscall.SIGINT)
	p.exit()
}
