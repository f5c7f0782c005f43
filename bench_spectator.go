package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/playcast/playcast/bench/spectator"
)

type benchSpectatorCommand struct {
	Rate   int           `default:"500000" help:"What the spectator's line carries, in bits a second."`
	Leg    time.Duration `default:"20s" help:"How long the player is measured, alone and watched."`
	Settle time.Duration `default:"10s" help:"How long the picture settles before each."`
}

// Validate looks at what kong can't.
func (c *benchSpectatorCommand) Validate() error {
	if c.Rate < 50_000 || c.Leg < time.Second || c.Settle < 0 {
		return errors.New("--rate is at least 50000, --leg at least 1s and --settle not negative")
	}
	return nil
}

// Run prints the figures as one JSON object.
func (c *benchSpectatorCommand) Run(ctx context.Context, term *terminal) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	report, err := spectator.Measure(ctx, spectator.Config{Program: program, Rate: c.Rate, Leg: c.Leg, Settle: c.Settle})
	if err != nil {
		return err
	}
	return json.NewEncoder(term.out).Encode(report)
}
