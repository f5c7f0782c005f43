package game

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/playcast/playcast/events"
)

// TestAHomeIsOneSessionsAtATime starts a game a second time for its player,
// while the first one runs and after it.
func TestAHomeIsOneSessionsAtATime(t *testing.T) {
	l := newLauncher(t, Config{})
	start := func(player events.PlayerID) (*Process, error) {
		return l.StartGame(Launch{Session: events.NewSessionID(), Player: player, Entry: shell(`touch started; sleep 60`), Display: noDisplay})
	}
	first, err := start("ann")
	if err != nil {
		t.Fatal(err)
	}
	other, err := start("bob")
	if err != nil {
		t.Fatalf("another player's home was taken: %v", err)
	}
	if _, err := start("ann"); !errors.Is(err, errHomeTaken) {
		t.Errorf("a second game on the same saves: %v", err)
	}
	left, err := os.ReadDir(l.cfg.RunDir)
	if err != nil || len(left) != 2 {
		t.Errorf("after the refusal there are %v, %v; want two games' directories", left, err)
	}
	for _, p := range []*Process{first, other} {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	again, err := start("ann")
	if err != nil {
		t.Fatalf("the home was not given up: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(l.cfg.DataDir, "ann", "shell")); err != nil {
		t.Error(err)
	}
}
