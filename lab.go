package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/playcast/playcast/streamer/lab"
)

// labCommand is the Latency Lab as the catalog starts it.
type labCommand struct {
	FrameRate float64       `default:"0" help:"Frames a second; 0 stands for 59.94."`
	Scene     string        `enum:"dusk,quiet,moving" default:"dusk" help:"What is shown: dusk, where parts move; quiet, where next to nothing does; moving, where all does."`
	OnTick    bool          `help:"Show a press with the next tick, as most games do, instead of at once."`
	Log       string        `type:"path" placeholder:"FILE" help:"Append a line of JSON for each press: when it was seen, and when its frame was drawn."`
	Delay     time.Duration `help:"Show each press so much later, to see whether an instrument tells."`
	TearEvery uint32        `help:"Tear one of so many frames, to see whether an instrument tells."`
	FlipEvery uint32        `help:"Draw a wrong block in one of so many frames, to see whether an instrument tells."`
}

// Run draws until the display or the process ends.
func (c *labCommand) Run(ctx context.Context) (err error) {
	display := os.Getenv("DISPLAY")
	if display == "" {
		return errors.New("the Latency Lab draws on an X display: set DISPLAY")
	}
	cfg := lab.Config{FrameRate: c.FrameRate, Scene: lab.Scene(c.Scene), OnTick: c.OnTick, Sound: os.Getenv("PULSE_SERVER"),
		Faults: lab.Faults{Delay: c.Delay, TearEvery: c.TearEvery, FlipEvery: c.FlipEvery}}
	if c.Log != "" {
		file, err := os.OpenFile(c.Log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		cfg.Log = file
	}
	return lab.Run(ctx, display, os.Getenv("XAUTHORITY"), cfg)
}
