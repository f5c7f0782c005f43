package adapt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the decisions anew; record the traces that are missing")

// recordings are the model's paths on which the traces of testdata were
// recorded. Those named "measured" are of the network bench, from the trace of
// a real session.
var recordings = map[string]struct {
	link   link
	length time.Duration
}{
	"drop":        {link{capacity: drop(10e6, 2e6, 10*time.Second, 20*time.Second), rtt: 30 * time.Millisecond}, 40 * time.Second},
	"oscillation": {link{capacity: swing(10e6, 3e6, 8*time.Second), rtt: 30 * time.Millisecond}, time.Minute},
	"ramp":        {link{capacity: ramp(1e6, 15e6, 40*time.Second), rtt: 60 * time.Millisecond}, time.Minute},
	"loss":        {link{capacity: constantly(10e6), loss: 0.05, rtt: 100 * time.Millisecond}, 30 * time.Second},
	"outage":      {link{capacity: drop(10e6, 0, 10*time.Second, 11*time.Second), rtt: 30 * time.Millisecond}, 40 * time.Second},
}

// drop is a path that carries less for a while.
func drop(usual, low int, from, to time.Duration) func(time.Duration) int {
	return func(at time.Duration) int {
		if at >= from && at < to {
			return low
		}
		return usual
	}
}

// swing is a path that carries one rate and another by turns.
func swing(high, low int, each time.Duration) func(time.Duration) int {
	return func(at time.Duration) int {
		if at/each%2 == 0 {
			return high
		}
		return low
	}
}

// ramp is a path that slowly grows.
func ramp(from, to int, over time.Duration) func(time.Duration) int {
	return func(at time.Duration) int { return from + int(float64(to-from)*min(at.Seconds()/over.Seconds(), 1)) }
}

// line is a sample as a trace holds it.
type line struct {
	AtMS     int64   `json:"at_ms"`
	Estimate int     `json:"estimate"`
	Sent     int     `json:"sent"`
	Loss     float64 `json:"loss,omitempty"`
	RTTMS    float64 `json:"rtt_ms"`
	QueueMS  float64 `json:"queue_ms,omitempty"`
	EncodeMS float64 `json:"encode_ms,omitempty"`
}

func lineOf(s Sample) line {
	return line{
		AtMS: s.At.Sub(begin).Milliseconds(), Estimate: s.Estimate, Sent: s.Sent, Loss: s.Loss,
		RTTMS: rounded(s.RTT), QueueMS: rounded(s.QueueDelay), EncodeMS: rounded(s.EncodeP95),
	}
}

func rounded(d time.Duration) float64 { return float64(d.Round(100*time.Microsecond)) / 1e6 }

func (l line) sample() Sample {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	return Sample{
		At: begin.Add(ms(float64(l.AtMS))), Estimate: l.Estimate, Sent: l.Sent, Loss: l.Loss,
		RTT: ms(l.RTTMS), QueueDelay: ms(l.QueueMS), EncodeP95: ms(l.EncodeMS),
	}
}

// TestTraces replays recorded traces, whatever the policy would have done to
// them, and holds each probe, and each decision that was another than the one before.
func TestTraces(t *testing.T) {
	for name, r := range recordings {
		trace := filepath.Join("testdata", name+".jsonl")
		if _, err := os.Stat(trace); *update && os.IsNotExist(err) {
			record(t, trace, r.link, r.length)
		}
	}
	traces, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(traces) <= len(recordings) {
		t.Fatalf("found the traces %v, %v", traces, err)
	}
	for _, trace := range traces {
		name := strings.TrimSuffix(trace, ".jsonl")
		t.Run(filepath.Base(name), func(t *testing.T) {
			golden := name + ".decisions"
			got := replay(t, trace)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v (go test ./streamer/adapt -update writes what is new)", err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("decided differently (-golden +now):\n%s", diff)
			}
		})
	}
}

func record(t *testing.T, path string, l link, length time.Duration) {
	t.Helper()
	l.noise, l.encode = rand.New(rand.NewPCG(1, 2)), 5*time.Millisecond
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	l.run(fullHD, length, func(_ time.Duration, s Sample, _ Decision) {
		if err := encoder.Encode(lineOf(s)); err != nil {
			t.Fatal(err)
		}
	})
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replay(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out bytes.Buffer
	p := New(fullHD)
	before := p.Present()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		var d Decision
		p, d = p.Step(l.sample())
		if d.Probe > 0 {
			fmt.Fprintf(&out, "%6d ms  probe for %d kb/s\n", l.AtMS, d.Probe/1000)
		}
		if d.Shape != before.Shape || d.BitRate != before.BitRate {
			fmt.Fprintf(&out, "%6d ms  %dx%d@%d at %d kb/s %s\n",
				l.AtMS, d.Shape.Width, d.Shape.Height, d.Shape.FrameRate, d.BitRate/1000, d.Cause)
		}
		before = d
	}
	return out.Bytes()
}
