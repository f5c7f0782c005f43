// Package latency measures a playcast from a player's press to the picture that
// shows it, from outside: it starts a `playcast up` with the Latency Lab as its
// game, plays it with a client, and reads from the decoded picture which frame
// it is and how many presses the game had seen when it drew it.
//
// # A press
//
//	sent ─ input ─▶ received ─ inject ─▶ injected ─ draw ─▶ drawn ─ capture ─▶ captured ─ convert ─▶
//	converted ─ queue ─▶ encode_start ─ encode ─▶ encoded ─ send ─▶ sent ─ receive ─▶ arrived
//	─ decode ─▶ decoded ─ present ─▶ presented
//
// The first and the last three are the client's, sent frames and inputs stand
// in the server's trace, and drawn in the lab's log; all on one clock. Stages
// are what lies between, so those of a press add up to its latency.
//
// # A run
//
// A run has its own server, game and client, from their start to their end.
// Presses come 80 to 250 ms apart at random, whatever the picture does. The
// hypervisor's steal is looked at before any latency: a run with too much of it
// is done again. A case pools its runs.
package latency

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/bench/player"
)

// Reading is what a picture says of itself.
type Reading struct{ Frame, Inputs uint32 }

// Game is what has to be known of the game that is played.
type Game interface {
	// Read reads a picture. An error that is no ErrTorn: it can't be read.
	Read(p *player.Picture) (Reading, error)
	// Input returns the message after so many changes of one key: of an odd
	// number the last is a press.
	Input(changes uint32) ([]byte, error)
	// Reference draws a scene's frames again.
	Reference(scene string, width, height int) (Reference, error)
}

// Reference draws the luma of a frame, BT.709 in limited range.
type Reference interface {
	Luma(of Reading, luma []byte)
}

// ErrTorn says that a picture's parts are of different frames.
var ErrTorn = errors.New("torn picture")

// Case is what is measured.
type Case struct {
	Client string `json:"client"` // "go" or "chromium"
	Size   string `json:"size"`   // "1280x720"
	Scene  string `json:"scene"`  // "quiet" or "moving"
}

// Clients, sizes and scenes that are measured where nothing else is asked for.
var (
	Clients = []string{"go", "chromium"}
	Sizes   = []string{"1280x720", "1920x1080"}
	Scenes  = []string{"quiet", "moving"}
)

// Config says what to measure, and how.
type Config struct {
	Program   string // playcast
	Browser   string // Chromium's program; empty: it is looked for
	Game      Game
	Cases     []Case
	Runs      int           // a case
	Presses   int           // a case, over all its runs
	Settle    time.Duration // from the first picture to the first press
	MaxSteal  float64       // percent of the machine's time; a run with more is done again
	LabArgs   []string      // for the lab, beside scene and log
	ServeArgs []string      // for `playcast up`
	Progress  func(string)  // told what begins; nil tells nobody
}

// Figures of a case. Milliseconds, but where it says otherwise.
type Figures struct {
	Case
	P50       float64             `json:"p50_ms"`
	P95       float64             `json:"p95_ms"`
	P99       float64             `json:"p99_ms"`
	Stages    map[string]Quantile `json:"stages"`
	FPS       float64             `json:"fps_seen"`          // unique frames a second
	Freezes   int                 `json:"freezes_over_50ms"` // gaps between unique frames
	Bitrate   float64             `json:"bitrate_mbps"`      // of the video's payload
	PSNR      float64             `json:"psnr_db"`           // of luma, the mean of some frames
	ServerCPU float64             `json:"server_cpu_ms_per_frame"`
	N         int                 `json:"n"`
	Quality
}

// Quality says how far the figures can be trusted.
type Quality struct {
	RunP50     []float64      `json:"run_p50_ms"`
	Rejected   int            `json:"rejected_runs"` // for the hypervisor's steal
	Steal      float64        `json:"steal_percent"` // the most of a run
	Busy       float64        `json:"machine_busy_percent"`
	Lost       int            `json:"lost_inputs"`
	Torn       int            `json:"torn"`
	Unreadable int            `json:"unreadable"`
	Unjoined   int            `json:"unjoined"`      // presses without stages
	Pictures   map[string]int `json:"pictures"`      // by their size: adaptation may make it less than what is drawn
	Shown      float64        `json:"fps_presented"` // those too that a busy page's script was not called for
	Sound      bool           `json:"sound"`         // it came
}

// Quantile is a stage's.
type Quantile struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
}

// Report is what a measurement prints.
type Report struct {
	Cases []Figures `json:"cases"`
}

// maxRejected is how many runs of a case may be rejected.
const maxRejected = 6

// Measure measures the cases one after the other. Everything that it starts
// has ended when it returns, whatever the error.
func Measure(ctx context.Context, cfg Config) (Report, error) {
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	if cfg.Runs < 1 || cfg.Presses < cfg.Runs {
		return Report{}, fmt.Errorf("%d presses in %d runs: want at least one in each", cfg.Presses, cfg.Runs)
	}
	var report Report
	for _, c := range cfg.Cases {
		figures, err := cfg.measure(ctx, c)
		if err != nil {
			return report, fmt.Errorf("%s, %s, %s: %w", c.Client, c.Size, c.Scene, err)
		}
		report.Cases = append(report.Cases, figures)
	}
	return report, nil
}

// measure pools the runs of a case.
func (cfg *Config) measure(ctx context.Context, c Case) (Figures, error) {
	var pool pool
	rejected := 0
	for len(pool.runs) < cfg.Runs {
		n := len(pool.runs)
		presses := cfg.Presses*(n+1)/cfg.Runs - cfg.Presses*n/cfg.Runs
		cfg.Progress(fmt.Sprintf("%s %s %s, run %d of %d", c.Client, c.Size, c.Scene, n+1, cfg.Runs))
		run, err := cfg.run(ctx, c, presses)
		if err != nil {
			return Figures{}, err
		}
		if run.machine.steal > cfg.MaxSteal && cfg.MaxSteal > 0 {
			if rejected++; rejected > maxRejected {
				return Figures{}, fmt.Errorf("%d runs with more than %g %% steal: this machine is too unquiet", rejected, cfg.MaxSteal)
			}
			continue
		}
		pool.runs = append(pool.runs, run)
	}
	figures := pool.figures()
	figures.Case, figures.Rejected = c, rejected
	return figures, nil
}
