package game

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/playcast/playcast/events"
)

// roleVariable makes the test program play another: the tests run it again.
const roleVariable = "PLAYCAST_TEST_ROLE"

func TestMain(m *testing.M) {
	var role func() error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "lab": // as {playcast} in the catalog
		role = runLab
	case len(os.Args) > 2 && os.Args[1] == "hostile":
		role = func() error { return runHostile(os.Args[2:]) }
	case len(os.Args) == 3 && os.Args[1] == "greedy":
		role = func() error { return runGreedy(os.Args[2]) }
	case os.Getenv(roleVariable) == "victim":
		role = runVictim
	}
	if role != nil {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func newLauncher(t *testing.T, cfg Config) *Launcher {
	t.Helper()
	if cfg.RunDir == "" {
		cfg.RunDir, cfg.DataDir = t.TempDir(), t.TempDir()
	}
	l, err := NewLauncher(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		// What was closed has removed its directory.
		if left, err := filepath.Glob(filepath.Join(l.cfg.RunDir, "*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	return l
}

func startDisplay(t *testing.T, l *Launcher, session events.SessionID, width, height int) *Display {
	t.Helper()
	d, err := l.StartDisplay(t.Context(), session, width, height)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// shell is an entry that runs a script.
func shell(script string) Entry {
	return Entry{Game: events.Game{ID: "shell", Title: "Shell", Command: []string{"sh", "-c", script}}}
}

// unconfined is a launcher on a machine without bubblewrap.
func unconfined(l *Launcher) *Launcher {
	l.works.Sandbox = errors.New("there is no bubblewrap, for a test")
	return l
}

// noDisplay stands for the display of a game that uses none.
var noDisplay = &Display{name: ":0", authority: "/nonexistent"}

func startShell(t *testing.T, l *Launcher, script string) *Process {
	t.Helper()
	p, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: "ann", Entry: shell(script), Display: noDisplay})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// eventually polls until the condition holds: for what other processes do,
// where there is nothing to wait on.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// awaitDone waits for the end of a display or game.
func awaitDone(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("did not end")
	}
}
