package main

import (
	"context"
	"errors"
	"os"

	"github.com/playcast/playcast/streamer/lab"
)

// labCommand is the Latency Lab as the catalog starts it.
type labCommand struct {
	FrameRate float64 `default:"0" help:"Frames a second; 0 stands for 59.94."`
}

// Run draws until the display or the process ends.
func (c *labCommand) Run(ctx context.Context) error {
	display := os.Getenv("DISPLAY")
	if display == "" {
		return errors.New("the Latency Lab draws on an X display: set DISPLAY")
	}
	return lab.Run(ctx, display, os.Getenv("XAUTHORITY"), lab.Config{FrameRate: c.FrameRate})
}
