// Package network measures how the picture gets through networks that are
// narrow, far, lossy, or gone for a while, with our congestion control and with
// another to compare. The network is package link's: the figures of the
// bottleneck are the bottleneck's own, and all times are of one clock.
//
//	playcast up ─▶ link, whose conditions change ─▶ player ─▶ frames seen ─┐
//	     └─ trace: when each frame was captured ──────────────────────────┴▶ Figures
//
// Each run has a server, a link and a player of its own. A scenario begins when
// the picture has settled, and its legs follow one another without a gap.
package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// Controllers are the congestion controls that are compared: ours, and the one
// of the WebRTC library as it comes.
var Controllers = []string{"playcast", "gcc"}

// Config says what Measure measures.
type Config struct {
	// Program is the playcast that serves. It is started anew for each run.
	Program string
	// Number reads the number of a frame of the game from its picture.
	Number func(width, height int, luma func(x, y int) byte) (uint32, error)

	Scenarios   []string      // nil: all
	Controllers []string      // nil: all
	Runs        int           // of each scenario and control; 0 is 1
	Leg         time.Duration // how long conditions last; 0 is 20 s
	// MaxLate is how late the link may let the latest hundredth of packets go:
	// a run in which it was later is done again, at most retries times. 0 takes
	// every run.
	MaxLate  time.Duration
	Settle   time.Duration // from the first frame to the first leg; 0 is 5 s
	Series   io.Writer     // takes what happened over time, as lines of JSON; nil: nothing does
	Progress func(string)  // told what begins; nil tells nobody
}

func (c Config) withDefaults() Config {
	if c.Controllers == nil {
		c.Controllers = Controllers
	}
	if c.Runs == 0 {
		c.Runs = 1
	}
	if c.Leg == 0 {
		c.Leg = 20 * time.Second
	}
	if c.Settle == 0 {
		c.Settle = 5 * time.Second
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	return c
}

// Report is what Measure finds.
type Report struct {
	Scenarios []Figures `json:"scenarios"`
}

// Measure plays a moving picture through networks that get worse and better,
// with each congestion control in turn, and measures at the bottleneck and at
// the player. It needs the right to make network namespaces. What it has
// started has ended, and what it has made is gone, when it returns.
func Measure(ctx context.Context, cfg Config) (Report, error) {
	cfg = cfg.withDefaults()
	chosen, err := choose(cfg.Scenarios)
	if err != nil {
		return Report{}, err
	}
	for _, name := range cfg.Controllers {
		if !slices.Contains(Controllers, name) {
			return Report{}, fmt.Errorf("there is no congestion control %q: they are %v", name, Controllers)
		}
	}
	// The forwarder's threads find a processor of Go's free, whatever holds the
	// others: the kernel decides who runs.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU() + 4))
	var report Report
	for _, s := range chosen {
		runs, rejected := map[string][]Figures{}, map[string]int{}
		for i := range cfg.Runs {
			for _, controller := range cfg.Controllers { // in turn, so that what the machine does meets both
				cfg.Progress(fmt.Sprintf("%s, %s, run %d of %d", s.name, controller, i+1, cfg.Runs))
				seen, again, err := believable(ctx, cfg, s, controller)
				if err != nil {
					return report, fmt.Errorf("%s with %s: %w", s.name, controller, err)
				}
				rejected[controller] += again
				runs[controller] = append(runs[controller], seen.figures())
				if err := writeSeries(cfg.Series, s.name, controller, i, seen); err != nil {
					return report, fmt.Errorf("write the series: %w", err)
				}
			}
		}
		for _, controller := range cfg.Controllers {
			f := pool(runs[controller])
			f.Scenario, f.Controller, f.Rejected = s.name, controller, rejected[controller]
			report.Scenarios = append(report.Scenarios, f)
		}
	}
	return report, nil
}

// retries of a run that can't be believed.
const retries = 2

// believable observes a scenario until the machine let the link do what it
// says, and tells how many runs did not. Whether one counts is decided before
// its figures are looked at.
func believable(ctx context.Context, cfg Config, s scenario, controller string) (seen observed, rejected int, err error) {
	for {
		if seen, err = observe(ctx, cfg, s, controller); err != nil {
			return seen, rejected, err
		}
		late := quantile(seen.late, 0.99)
		if cfg.MaxLate == 0 || late <= cfg.MaxLate || rejected == retries {
			return seen, rejected, nil
		}
		rejected++
		cfg.Progress(fmt.Sprintf("%s, %s once more: the machine was too busy, packets left %s late", s.name, controller, late))
	}
}

// errUnreadable says that the picture is none of the game's.
var errUnreadable = errors.New("no frame's number could be read")
