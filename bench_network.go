package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/playcast/playcast/bench/network"
	"github.com/playcast/playcast/streamer/lab"
)

type benchNetworkCommand struct {
	Scenario   []string      `placeholder:"NAME" help:"Measure only these: ${scenarios}."`
	Controller []string      `placeholder:"NAME" help:"Measure only these congestion controls: playcast, gcc."`
	Runs       int           `default:"1" help:"How often each is measured; the figures are medians."`
	Leg        time.Duration `default:"20s" help:"How long conditions last."`
	MaxLate    time.Duration `default:"2ms" help:"Do a run again in which more than a hundredth of the packets left the link so much too late, because the machine was busy; 0 takes every run."`
	Series     string        `type:"path" placeholder:"FILE" help:"Write what happened in each tenth of a second to this file, as lines of JSON."`
	JSON       bool          `name:"json" help:"Print the figures as one JSON object."`
}

// Validate looks at what kong can't.
func (c *benchNetworkCommand) Validate() error {
	if c.Runs < 1 || c.Leg < time.Second || c.MaxLate < 0 {
		return errors.New("--runs is at least 1, --leg at least 1s and --max-late not negative")
	}
	return nil
}

// Run prints the figures.
func (c *benchNetworkCommand) Run(ctx context.Context, term *terminal) (err error) {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cfg := network.Config{
		Program: program, Number: frameNumber,
		Scenarios: c.Scenario, Controllers: c.Controller, Runs: c.Runs, Leg: c.Leg, MaxLate: c.MaxLate,
		Progress: func(what string) { term.log.Info("measure", "scenario", what) },
	}
	if c.Series != "" {
		file, err := os.Create(c.Series)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		cfg.Series = file
	}
	report, err := network.Measure(ctx, cfg)
	if err != nil {
		return err
	}
	return printNetwork(term, report, c.JSON)
}

// printNetwork writes one JSON object, or a scenario a line for people.
func printNetwork(term *terminal, report network.Report, whole bool) error {
	if whole {
		return json.NewEncoder(term.out).Encode(report)
	}
	for _, s := range report.Scenarios {
		figures, err := json.Marshal(s)
		if err == nil {
			_, err = fmt.Fprintf(term.out, "%s\n", figures)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// frameNumber reads what the Latency Lab has drawn.
func frameNumber(width, height int, luma func(x, y int) byte) (uint32, error) {
	reading, err := lab.Decode(width, height, luma)
	return reading.Frame, err
}
