package main_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// TestNeighbour plays the moving scene of the Latency Lab, alone and beside a
// game that takes all that it gets, and counts the frames of each second.
func TestNeighbour(t *testing.T) {
	p := up(t, dataIn(t), append(withGames(t), "--slots", "2")...)
	one, two := p.signIn("player1"), p.signIn("player2")
	id := one.request("flight")
	one.await(id, events.SessionIsReady)
	view := one.connect(id)
	one.await(id, events.SessionIsActive)
	view.await(60) // it begins slowly

	hostile := two.request("rampage")
	two.await(hostile, events.SessionIsReady)
	other := two.connect(hostile)
	two.await(hostile, events.SessionIsActive)
	other.await(10)
	home := p.homeOf("player2", "rampage")

	quiet := watchFrames(t, view, 8)
	t.Logf("beside a game that rests: %s", quiet)
	sign(t, home, "rampage")
	eventually(t, "the rampage", func() (bool, any) {
		n := 0
		for _, r := range processesOf(p.data) {
			if filepath.Base(r.environment["PLAYCAST_RUN"]) == hostile+"-game" {
				n++
			}
		}
		return n > 50, n
	})
	loud := watchFrames(t, view, 8)
	for range 2 {
		if loud.stolen <= quiet.stolen+2 { // percent
			break
		}
		t.Logf("beside a game that takes all, on a machine that was robbed meanwhile: %s", loud)
		loud = watchFrames(t, view, 8)
	}
	t.Logf("beside a game that takes all: %s", loud)
	// How many frames are left is told by a machine on which nothing else runs,
	// which tests can't ask for: they want the picture to go on.
	if loud.median() == 0 {
		t.Errorf("the frames of a second fell from %d to none", quiet.median())
	}

	sign(t, home, "fill")
	filling := watchFrames(t, view, 2)
	t.Logf("beside a game that fills the disk: %s", filling)
	failed := two.await(hostile, events.SessionIsFailed)
	if failed.FailureCause != string(events.FailedStorage) {
		t.Errorf("the hostile session is %+v, want it failed for its storage", failed)
	}
	view.await(60)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	p.stop()
}

func sign(t *testing.T, home, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(home, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// frameCounts are the frames of each second, and what the hypervisor took meanwhile.
type frameCounts struct {
	frames []int64
	stolen float64 // percent
}

func (w frameCounts) median() int64 {
	sorted := slices.Sorted(slices.Values(w.frames))
	return sorted[len(sorted)/2]
}

func (w frameCounts) String() string {
	return fmt.Sprintf("%v frames a second, at least %d, %d in the middle; %.1f %% of the machine's time were stolen",
		w.frames, slices.Min(w.frames), w.median(), w.stolen)
}

func watchFrames(t *testing.T, v *viewer, seconds int) frameCounts {
	t.Helper()
	var w frameCounts
	stolen, all := machineTime(t)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for last := v.frames.Load(); len(w.frames) < seconds; {
		<-second.C
		now := v.frames.Load()
		w.frames, last = append(w.frames, now-last), now
	}
	stolenThen, allThen := machineTime(t)
	w.stolen = 100 * (stolenThen - stolen) / max(1, allThen-all)
	return w
}

// machineTime is what was stolen, and all that went by, in ticks of all cores
// (proc_stat(5)).
func machineTime(t *testing.T) (stolen, all float64) {
	t.Helper()
	file, err := os.Open("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var name string
	var ticks [8]float64
	line := bufio.NewReader(file)
	if _, err := fmt.Fscan(line, &name, &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]); err != nil {
		t.Fatal(err)
	}
	for _, n := range ticks {
		all += n
	}
	return ticks[7], all
}
