package main_test

import (
	"encoding/json"
	"testing"
)

// measured is what `playcast bench latency --json` has to print.
type measured struct {
	Client, Size, Scene string
	P50                 float64 `json:"p50_ms"`
	P95                 float64 `json:"p95_ms"`
	P99                 float64 `json:"p99_ms"`
	Stages              map[string]struct{ P50, P95 float64 }
	FPS                 float64   `json:"fps_seen"`
	Freezes             *int      `json:"freezes_over_50ms"`
	Bitrate             float64   `json:"bitrate_mbps"`
	PSNR                float64   `json:"psnr_db"`
	ServerCPU           float64   `json:"server_cpu_ms_per_frame"`
	N                   int       `json:"n"`
	RunP50              []float64 `json:"run_p50_ms"`
	Lost                int       `json:"lost_inputs"`
	Torn                int       `json:"torn"`
	Unreadable          int       `json:"unreadable"`
	Unjoined            int       `json:"unjoined"`
	Sound               bool
}

// measure runs the command for one case.
func measure(t *testing.T, more ...string) measured {
	t.Helper()
	p := launch(t, append([]string{"bench", "latency", "--json", "--scene", "moving", "--size", "1280x720", "--runs", "1", "--max-steal", "0", "--settle", "500ms"}, more...)...)
	var report struct{ Cases []measured }
	if err := json.Unmarshal([]byte(p.line()), &report); err != nil {
		t.Fatal(err)
	}
	if code := p.exit(); code != 0 || len(report.Cases) != 1 {
		t.Fatalf("it ended with %d and printed %+v", code, report)
	}
	return report.Cases[0]
}

// grace is by how many ms a busy machine may delay the drawing, besides: a
// planted delay that counted twice would be noticed. The whole way may take any
// time there.
const grace = 40

// TestBenchLatency: the instrument measures, and finds what is planted. How
// fast the picture is, is the affair of a quiet machine.
func TestBenchLatency(t *testing.T) {
	const presses = 30
	plain := measure(t, "--client", "go", "--presses", "30")
	t.Logf("%+v", plain)
	if plain.Client != "go" || plain.Size != "1280x720" || plain.Scene != "moving" || plain.N+plain.Lost != presses || plain.N < presses*9/10 {
		t.Errorf("it measured %+v", plain)
	}
	sum := 0.0
	for _, name := range []string{"input", "inject", "draw", "capture", "convert", "queue", "encode", "send", "receive", "decode", "present"} {
		stage, there := plain.Stages[name]
		if sum += stage.P50; !there || stage.P95 < stage.P50 {
			t.Errorf("stage %s: %+v", name, stage)
		}
	}
	if plain.P50 <= 0 || plain.P50 > plain.P95 || plain.P95 > plain.P99 || sum < plain.P50/2 || sum > plain.P50*1.5 {
		t.Errorf("p50 %g, p95 %g, p99 %g; the stages' medians add up to %g", plain.P50, plain.P95, plain.P99, sum)
	}
	if plain.FPS <= 0 || plain.Freezes == nil || plain.Bitrate <= 0 || plain.ServerCPU <= 0 || len(plain.RunP50) != 1 || plain.RunP50[0] != plain.P50 {
		t.Errorf("it measured %+v", plain)
	}
	if plain.PSNR < 25 || plain.Torn != 0 || plain.Unreadable != 0 {
		t.Errorf("PSNR %g dB, %d torn, %d unreadable", plain.PSNR, plain.Torn, plain.Unreadable)
	}

	spoilt := measure(t, "--client", "go", "--presses", "30", "--delay", "50ms", "--tear-every", "10", "--flip-every", "15")
	t.Logf("%+v", spoilt)
	if drawn := spoilt.Stages["draw"].P50; drawn < 50 || drawn > 50+grace || spoilt.P50 < 50 {
		t.Errorf("with a delay of 50 ms a press is drawn after %g ms, and seen after %g", drawn, spoilt.P50)
	}
	if spoilt.Torn == 0 || spoilt.Unreadable == 0 || spoilt.Unreadable > spoilt.Torn {
		t.Errorf("of planted faults it found %d torn and %d unreadable frames", spoilt.Torn, spoilt.Unreadable)
	}
}

// TestBenchLatencyInChromium: the page is measured too, by a script in it.
func TestBenchLatencyInChromium(t *testing.T) {
	seen := measure(t, "--client", "chromium", "--presses", "15", "--delay", "50ms", "--tear-every", "10", "--flip-every", "15")
	t.Logf("%+v", seen)
	if seen.Client != "chromium" || seen.N+seen.Lost != 15 || seen.N < 13 || seen.N == seen.Unjoined {
		t.Errorf("it measured %+v", seen)
	}
	if drawn := seen.Stages["draw"].P50; drawn < 50 || drawn > 50+grace || seen.P50 < 50 {
		t.Errorf("with a delay of 50 ms a press is drawn after %g ms, and seen after %g", drawn, seen.P50)
	}
	if seen.FPS <= 0 || seen.Bitrate <= 0 || seen.ServerCPU <= 0 || seen.PSNR < 25 || !seen.Sound {
		t.Errorf("it measured %+v", seen)
	}
	if seen.Torn == 0 || seen.Unreadable == 0 {
		t.Errorf("of planted faults it found %d torn and %d unreadable frames", seen.Torn, seen.Unreadable)
	}
}
