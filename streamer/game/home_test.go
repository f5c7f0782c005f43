package game

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/playcast/playcast/events"
)

// TestHomesOfNobodysHolding are by player and game, below the launcher's data.
func TestHomesOfNobodysHolding(t *testing.T) {
	l := newLauncher(t, Config{})
	for player, fits := range map[events.PlayerID]bool{"ann": true, "bob": true, "": false, "../ann": false} {
		home, err := l.openHome(Launch{Player: player, Entry: Entry{Game: events.Game{ID: "shell"}, Files: map[string]string{"etc/settings": "loud"}}})
		if fits != (err == nil) {
			t.Errorf("%q: %v", player, err)
		}
		if !fits {
			continue
		}
		if want := filepath.Join(l.cfg.DataDir, string(player), "shell"); home != want {
			t.Errorf("the home is %s, want %s", home, want)
		}
		if written, err := os.ReadFile(filepath.Join(home, "etc/settings")); err != nil || string(written) != "loud" {
			t.Errorf("the entry's file is %q, %v", written, err)
		}
	}
}
