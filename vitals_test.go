//go:build !nolibav

package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vitals is how a playcast is, by its own metrics, and how much memory the
// displays and games have that it runs. Sizes are in bytes.
type vitals struct {
	resident, heap, games float64
	goroutines, files     float64
}

func (v vitals) String() string {
	const mb = 1 << 20
	return fmt.Sprintf("resident %.0f MB, heap %.1f MB, games %.0f MB, %.0f goroutines, %.0f files",
		v.resident/mb, v.heap/mb, v.games/mb, v.goroutines, v.files)
}

// watched starts a playcast whose vitals can be looked at.
func watched(t *testing.T, more ...string) (*product, func() vitals) {
	t.Helper()
	metrics := freeAddress(t)
	p := up(t, dataIn(t), append(more, "--metrics-listen", metrics)...)
	return p, func() vitals {
		t.Helper()
		v := vitals{games: residentOfGames(p)}
		figures := metricsAt(t, metrics)
		v.resident = figures["process_resident_memory_bytes"]
		v.heap = figures["go_memstats_next_gc_bytes"] / 2 // twice what was alive at the last collection
		v.goroutines, v.files = figures["go_goroutines"], figures["process_open_fds"]
		if v.resident == 0 || v.heap == 0 || v.goroutines == 0 || v.files == 0 {
			t.Fatalf("the metrics tell only %s", v)
		}
		return v
	}
}

// residentOfGames is the memory of what runs for sessions.
func residentOfGames(p *product) (bytes float64) {
	for _, r := range processesOf(p.data) {
		if r.environment["PLAYCAST_RUN"] == "" {
			continue
		}
		status, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.pid), "status")) // it may have ended
		_, text, _ := strings.Cut(string(status), "\nVmRSS:")
		var kb float64
		if n, _ := fmt.Sscan(text, &kb); n == 1 {
			bytes += kb * 1024
		}
	}
	return bytes
}

// flat wants a figure not to grow: in the last third of its samples it is, at
// the median, no more than in the second and what is granted. The first third
// is for warming up.
func flat(t *testing.T, what string, samples []float64, granted float64) {
	t.Helper()
	third := len(samples) / 3
	if third == 0 {
		t.Errorf("%s: only %d samples", what, len(samples))
		return
	}
	second, last := median(samples[third:2*third]), median(samples[2*third:])
	t.Logf("%s: %.4g in the second third, %.4g in the last", what, second, last)
	if last > second+granted {
		t.Errorf("%s grows: %.4g in the last third, %.4g in the second, which allows %.4g more", what, last, second, granted)
	}
}

func median(values []float64) float64 { return quantile(values, 50) }

func quantile(values []float64, percent int) float64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	return values[min(len(values)*percent/100, len(values)-1)]
}

// column takes one figure of many.
func column[T any](all []T, of func(T) float64) []float64 {
	values := make([]float64, len(all))
	for i, v := range all {
		values[i] = of(v)
	}
	return values
}
