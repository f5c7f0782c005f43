package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/playcast/playcast/bench/spectator"
)

// A spectator on a line of 500 kb/s sees the game, and costs who plays it not a
// key frame nor a step down.
func TestBenchSpectator(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "bench", "spectator", "--leg", "8s", "--settle", "8s")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("bench spectator: %v: %s", err, said.String())
	}
	var report spectator.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	t.Logf("%s", out)
	alone, watched, seen := report.Alone, report.Watched, report.Spectator
	// A busy machine takes frames from both; a spectator must not take half.
	if watched.FPS < 0.5*alone.FPS {
		t.Errorf("the player is sent less when somebody watches: %+v, %+v", alone, watched)
	}
	if watched.KeyFrames > 1 { // the encoder may have been changed by a busy machine
		t.Errorf("the player is sent %d key frames", watched.KeyFrames)
	}
	if seen.FPS < 5 || seen.Mbps > 0.5 || seen.Height < 360 || seen.Height > 720 {
		t.Errorf("the spectator sees %+v", seen)
	}
}
