//go:build !nolibav

package main_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
)

// TestManySessions starts and ends sessions one after the other, 200 of them
// with `make soak`: each from its request to its first decoded frame and its
// end. Nothing may be left of any: no process, display, shared memory, file,
// goroutine or memory, and no row that tells of a session in progress.
func TestManySessions(t *testing.T) {
	sessions := 50
	if long(t, 0) > 0 {
		sessions = 200
	}
	database := openDatabase(t)
	p, look := watched(t, append(withGames(t), "--postgres", database.url())...)
	idle := look()
	players := []*player{p.signIn("player1"), p.signIn("player2")}
	var all []traces
	var took []float64
	for n := range sessions {
		one := players[n%len(players)]
		began := time.Now()
		id, left := playShortly(one)
		took = append(took, float64(left.firstFrame.Sub(began).Microseconds())/1000)
		all = append(all, left)
		if n+1 == sessions/2 { // what is opened once is open by now
			idle = settled(t, look, idle)
		}
		if history := one.history(); history[0].ID != id || history[0].State != string(events.SessionIsEnded) {
			t.Fatalf("the last session is %+v", history[0])
		}
	}
	t.Logf("request to first decoded frame: %.0f ms (p50), %.0f (p95), %.0f (longest)",
		quantile(took, 50), quantile(took, 95), quantile(took, 100))
	now := settled(t, look, idle)
	t.Logf("after %d sessions: %s; after %d: %s", sessions/2, idle, sessions, now)
	// The log and the views remember each session; that takes a few kB.
	if grown := (now.heap - idle.heap) / float64(sessions-sessions/2); grown > 100<<10 {
		t.Errorf("each session leaves %.0f bytes of heap", grown)
	}
	for _, left := range all {
		left.gone(t, p.data)
	}
	slotsHeld(t, p, 0)
	eventually(t, "the rows to be the fold of the events", func() (bool, any) {
		diff := cmp.Diff(foldOf(facts(t, p.log())), database.rows(), cmpopts.EquateEmpty())
		return diff == "", diff
	})
	p.stop()
}

// settled waits until no more is running or open than when idle.
func settled(t *testing.T, look func() vitals, idle vitals) (now vitals) {
	t.Helper()
	eventually(t, "everything of the sessions to be gone", func() (bool, any) {
		now = look()
		return now.games == 0 && now.goroutines <= idle.goroutines+10 && now.files <= idle.files+10, now
	})
	return now
}

// traces are where a session would leave something.
type traces struct {
	session    string
	display    string // number; empty: it had not told yet
	pids       []int
	firstFrame time.Time
}

// playShortly plays a session up to its first frame.
func playShortly(c *player) (id string, left traces) {
	c.t.Helper()
	id = c.request("saver")
	c.await(id, events.SessionIsReady)
	seen, once := make(chan struct{}), sync.Once{}
	left.session = id
	view := c.view(id, client.Options{Handlers: client.Handlers{Frame: func(*client.Frame) {
		once.Do(func() { left.firstFrame = time.Now(); close(seen) })
	}}})
	select {
	case <-seen:
	case <-time.After(bound):
		c.t.Fatalf("no frame in %s: %+v", bound, view.Counts())
	}
	for _, r := range processesOf(filepath.Base(id)) {
		left.pids = append(left.pids, r.pid)
		if display := r.environment["DISPLAY"]; display != "" {
			left.display = strings.TrimPrefix(display, ":")
		}
	}
	if len(left.pids) == 0 || left.display == "" {
		c.t.Errorf("session %s has the processes %v and the display %q", id, left.pids, left.display)
	}
	c.steer(id, "end")
	c.await(id, events.SessionIsEnded)
	view.close()
	return id, left
}

// gone wants nothing to be left of a session.
func (l traces) gone(t *testing.T, data string) {
	t.Helper()
	for _, r := range processesOf(l.session) {
		t.Errorf("session %s has left %s", l.session, r)
	}
	if l.display != "" {
		// Somebody else may have the number by now; then there is an answer.
		if conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+l.display); err == nil {
			conn.Close()
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("session %s has left the socket of display %s: %v", l.session, l.display, err)
		}
	}
	table, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(table), "\n")[1:] {
		var key, id, mode, size, creator int
		if n, _ := fmt.Sscan(line, &key, &id, &mode, &size, &creator); n < 5 {
			continue
		}
		for _, pid := range l.pids {
			if pid == creator && !alive(pid) {
				t.Errorf("session %s has left shared memory of process %d", l.session, pid)
			}
		}
	}
	err = filepath.WalkDir(data, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.Contains(filepath.Base(path), l.session) {
			t.Errorf("session %s has left %s", l.session, path)
		}
		return nil // what goes meanwhile is not the session's
	})
	if err != nil {
		t.Error(err)
	}
}

func alive(pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return pid > 0 && err == nil
}
