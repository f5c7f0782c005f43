package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/lab"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// Of 10,000 frames that the Latency Lab draws as fast as it can, none is torn,
// and none is shown after a later one. Settling is left out, which is the
// hardest for the capture.
func TestNoFrameIsTorn(t *testing.T) {
	if err := watchLab(t, lab.Config{FrameRate: 1000}, 10_000); err != nil {
		t.Error(err)
	}
}

// The test above would notice.
func TestTornFrameIsNoticed(t *testing.T) {
	err := watchLab(t, lab.Config{FrameRate: 500, Faults: lab.Faults{TearEvery: 20}}, 1000)
	if torn := (*lab.TornError)(nil); !errors.As(err, &torn) {
		t.Errorf("got %v, want a torn frame", err)
	}
}

// watchLab reads as many frames of a lab, or up to the first that is wrong.
func watchLab(t *testing.T, cfg lab.Config, frames int) error {
	server := xvfbtest.Start(t, 320, 180)
	ctx, cancel := context.WithCancel(t.Context())
	played := make(chan error, 1)
	go func() { played <- lab.Run(ctx, server.Display, server.Authority, cfg) }()
	defer func() {
		cancel()
		if err := <-played; err != nil {
			t.Error(err)
		}
	}()
	unsettled := config(server)
	unsettled.Settle = -1
	screen := open(t, unsettled)
	screen.timing.pace.period = time.Microsecond // faster than a shape may be
	last := uint32(0)
	for n := 0; n < frames; {
		img, release, err := screen.Read()
		if err != nil {
			return err
		}
		picture := img.(*image.YCbCr)
		reading, err := lab.Decode(320, 180, func(x, y int) byte { return picture.Y[picture.YOffset(x, y)] })
		release()
		switch {
		case errors.Is(err, lab.ErrNoStrip) && last == 0:
			continue // the lab has not drawn yet
		case err != nil:
			return fmt.Errorf("after frame %d: %w", last, err)
		case reading.Frame < last:
			return fmt.Errorf("frame %d after frame %d", reading.Frame, last)
		case reading.Frame > last:
			n++
		}
		last = reading.Frame
	}
	return nil
}
