package game

import (
	"errors"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWhoGoesFirst: games give way to what shows them, in a sandbox and without.
func TestWhoGoesFirst(t *testing.T) {
	if err := GoFirst(); errors.Is(err, unix.EACCES) && os.Getuid() != 0 {
		t.Log("others than root may not go first")
	} else if err != nil {
		t.Fatal(err)
	}
	ours := mustNice(t, thisThread)
	for _, l := range []*Launcher{newLauncher(t, Config{}), unconfined(newLauncher(t, Config{}))} {
		s := beginStage(t, l, "ann")
		p := s.start(t, l, shell("sleep 60 & wait"))
		for what, c := range map[string]*child{"display": s.display.child, "sound": s.sound.child} {
			if c.cell == nil {
				continue
			}
			processes, err := c.cell.processes()
			if err != nil || len(processes) == 0 {
				t.Fatalf("the %s runs as %v, %v", what, processes, err)
			}
			for _, one := range processes {
				if got := mustNice(t, one.PID); got != ours {
					t.Errorf("a process of the %s has the nice value %d, we have %d", what, got, ours)
				}
			}
		}
		var got []int
		eventually(t, "two processes of the game", func() bool {
			got = nil
			processes, err := p.processes()
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range processes {
				got = append(got, mustNice(t, one.PID))
			}
			return len(got) >= 2
		})
		if slices.Min(got) < 0 {
			t.Errorf("the game's processes have the nice values %v", got)
		}
	}
}

func mustNice(t *testing.T, pid int) int {
	t.Helper()
	nice, err := niceOf(pid)
	if err != nil {
		t.Fatal(err)
	}
	return nice
}
