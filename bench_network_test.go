package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/playcast/playcast/bench/network"
)

// TestBenchNetwork plays through a short outage, and wants figures that can be
// true, not good ones.
func TestBenchNetwork(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "bench", "network", "--json", "--scenario", "outage", "--controller", "playcast", "--leg", "6s", "--max-late", "0")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("bench network: %v: %s", err, said.String())
	}
	var report network.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if len(report.Scenarios) != 1 {
		t.Fatalf("%d scenarios are reported, want one: %s", len(report.Scenarios), out)
	}
	f := report.Scenarios[0]
	if f.Scenario != "outage" || f.Controller != "playcast" || f.Runs != 1 {
		t.Errorf("the figures are of %s, %s, %d runs", f.Scenario, f.Controller, f.Runs)
	}
	for _, c := range []struct {
		name      string
		got       *float64
		low, high float64
	}{
		{"fps_seen", f.FPS, 5, 62},
		{"longest_freeze_ms", f.Longest, 200, 6000}, // the outage is of 300 ms
		{"latency_p50_ms", f.Latency50, 13, 1000},   // 12.5 ms are the path's
		{"queue_p50_ms", f.Queue50, 0, 300},
		{"bitrate_mbps", f.Mbps, 0.1, 10.1},
		{"loss", f.Loss, 0.001, 0.5},
	} {
		if c.got == nil || *c.got < c.low || *c.got > c.high {
			t.Errorf("%s is not from %g to %g: %s", c.name, c.low, c.high, out)
		}
	}
}
