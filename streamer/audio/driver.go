package audio

import (
	"fmt"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"
)

// Driver is a session's sound as a capture device of mediadevices, for its
// manager. It is opened and closed by one goroutine.
type Driver struct {
	server   string
	recorder *Recorder // nil while closed
}

var (
	_ driver.Adapter       = (*Driver)(nil)
	_ driver.AudioRecorder = (*Driver)(nil)
)

// NewDriver returns a closed device.
func NewDriver(server string) *Driver { return &Driver{server: server} }

// Open connects to the daemon.
func (d *Driver) Open() (err error) {
	d.recorder, err = OpenRecorder(d.server)
	return err
}

// Close ends the reader, too. The device may be opened again.
func (d *Driver) Close() error {
	if d.recorder == nil {
		return nil
	}
	recorder := d.recorder
	d.recorder = nil
	return recorder.Close()
}

// Properties is the one mode that the device has.
func (d *Driver) Properties() []prop.Media {
	if d.recorder == nil {
		return nil
	}
	return []prop.Media{{Audio: prop.Audio{
		ChannelCount: Channels, SampleRate: SampleRate, SampleSize: 2, Latency: FrameDuration, IsInterleaved: true,
	}}}
}

// AudioRecord returns the reader, which is the *Recorder itself, recording.
func (d *Driver) AudioRecord(prop.Media) (audio.Reader, error) {
	if d.recorder == nil {
		return nil, fmt.Errorf("sound at %s: not open", d.server)
	}
	if err := d.recorder.Start(); err != nil {
		return nil, err
	}
	return d.recorder, nil
}
