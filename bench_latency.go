package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/playcast/playcast/bench/latency"
	"github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/lab"
)

type benchLatencyCommand struct {
	JSON     bool          `name:"json" help:"Print the figures as one JSON object."`
	Client   []string      `placeholder:"go,chromium" help:"Measure only with these clients."`
	Size     []string      `placeholder:"1280x720,1920x1080" help:"Measure only these sizes."`
	Scene    []string      `placeholder:"quiet,moving" help:"Measure only these scenes."`
	Runs     int           `default:"3" help:"Restarts of game, server and client that a case pools."`
	Presses  int           `default:"540" help:"Key presses of a case, over its runs."`
	MaxSteal float64       `default:"2" help:"Do a run again that the hypervisor has taken more than so many percent of the machine from; 0 takes every run."`
	Browser  string        `env:"CHROME" help:"Chromium's program. Default: it is looked for."`
	Settle   time.Duration `default:"3s" help:"From the first picture of a run to its first press."`
	Serve    []string      `sep:"none" placeholder:"--flag=value" help:"A flag for the playcast that is measured. May be given again."`

	Lab labFaults `embed:""`
}

// labFaults are planted in the game, for the instrument to find.
type labFaults struct {
	Delay     time.Duration `help:"Have the game show each press so much later: the median has to tell."`
	OnTick    bool          `help:"Have the game show a press with its next tick, as most games do, instead of at once."`
	TearEvery uint32        `help:"Have the game tear one of so many frames: they have to be counted."`
	FlipEvery uint32        `help:"Have the game draw a wrong block in one of so many frames: they have to be counted."`
}

// Run prints the figures.
func (c *benchLatencyCommand) Run(ctx context.Context, term *terminal) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cfg := latency.Config{Program: self, Browser: c.Browser, Game: measuredLab{}, Cases: c.cases(), Runs: c.Runs,
		Presses: c.Presses, MaxSteal: c.MaxSteal, Settle: c.Settle, LabArgs: c.Lab.arguments(), ServeArgs: c.Serve,
		Progress: func(what string) { term.log.Info("measure", "case", what) }}
	report, err := latency.Measure(ctx, cfg)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.out).Encode(report)
	}
	for _, figures := range report.Cases {
		out, err := json.Marshal(figures)
		if err == nil {
			err = printFigures(term, out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *benchLatencyCommand) cases() (all []latency.Case) {
	or := func(asked, all []string) []string {
		if len(asked) == 0 {
			return all
		}
		return asked
	}
	for _, client := range or(c.Client, latency.Clients) {
		for _, size := range or(c.Size, latency.Sizes) {
			for _, scene := range or(c.Scene, latency.Scenes) {
				all = append(all, latency.Case{Client: client, Size: size, Scene: scene})
			}
		}
	}
	return all
}

func (c labFaults) arguments() []string {
	args := []string{fmt.Sprintf("--delay=%s", c.Delay),
		fmt.Sprintf("--tear-every=%d", c.TearEvery), fmt.Sprintf("--flip-every=%d", c.FlipEvery)}
	if c.OnTick {
		args = append(args, "--on-tick")
	}
	return args
}

// measuredLab is the Latency Lab as the measurement has to know it.
type measuredLab struct{}

var _ latency.Game = measuredLab{}

func (measuredLab) Read(p *player.Picture) (latency.Reading, error) {
	r, err := lab.Decode(p.Width, p.Height, p.Luma)
	var torn *lab.TornError
	if errors.As(err, &torn) {
		err = fmt.Errorf("%w: %w", latency.ErrTorn, err)
	}
	return latency.Reading{Frame: r.Frame, Inputs: r.Inputs}, err
}

// Input holds the pointer still, and no more of the past than a lost message
// needs.
func (measuredLab) Input(changes uint32) ([]byte, error) {
	const key = 30 // A
	m := input.Message{Mode: input.Relative, Sequence: changes, Changes: changes}
	if changes%2 == 1 {
		m.Held = []input.Code{key}
	}
	for n := changes - min(changes, input.MaxRecent) + 1; n <= changes; n++ {
		m.Recent = append(m.Recent, input.Change{Code: key, Pressed: n%2 == 1})
	}
	return m.Append(nil)
}

func (measuredLab) Reference(scene string, width, height int) (latency.Reference, error) {
	r, err := lab.NewReference(lab.Scene(scene), width, height)
	return labReference{r}, err
}

type labReference struct{ *lab.Reference }

func (r labReference) Luma(of latency.Reading, luma []byte) {
	r.Reference.Luma(lab.Reading{Frame: of.Frame, Inputs: of.Inputs}, luma)
}
