package capture

import (
	"context"
	"fmt"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

// Driver is a screen as a capture device of mediadevices, for its manager. It
// is opened and closed by one goroutine.
type Driver struct {
	cfg    Config
	screen *Screen // nil while closed
}

var (
	_ driver.Adapter       = (*Driver)(nil)
	_ driver.VideoRecorder = (*Driver)(nil)
)

// NewDriver returns a closed device.
func NewDriver(cfg Config) *Driver { return &Driver{cfg: cfg} }

// Open connects to the display.
func (d *Driver) Open() error {
	screen, err := Open(context.Background(), d.cfg)
	if err != nil {
		return err
	}
	d.screen = screen
	return nil
}

// Close ends the reader, too. The device may be opened again.
func (d *Driver) Close() error {
	if d.screen == nil {
		return nil
	}
	screen := d.screen
	d.screen = nil
	return screen.Close()
}

// Properties is the one mode that the device has.
func (d *Driver) Properties() []prop.Media {
	if d.screen == nil {
		return nil
	}
	size := d.screen.Size()
	return []prop.Media{{Video: prop.Video{
		Width:       size.X,
		Height:      size.Y,
		FrameRate:   float32(d.cfg.FrameRate),
		FrameFormat: frame.FormatI420,
	}}}
}

// VideoRecord returns the reader, which is the *Screen itself. It refuses a
// size that is not the device's; zero takes what there is.
func (d *Driver) VideoRecord(p prop.Media) (video.Reader, error) {
	if d.screen == nil {
		return nil, fmt.Errorf("display %s: not open", d.cfg.Display)
	}
	size := d.screen.Size()
	if (p.Width != 0 && p.Width != size.X) || (p.Height != 0 && p.Height != size.Y) {
		return nil, fmt.Errorf("display %s: cannot record %dx%d, only %dx%d",
			d.cfg.Display, p.Width, p.Height, size.X, size.Y)
	}
	return d.screen, nil
}
