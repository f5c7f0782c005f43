package encode

import (
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
)

// candidate is an encoder that this build knows.
type candidate struct {
	name    string
	builder func(bitRate int) codec.VideoEncoderBuilder
}

// candidates are in order of preference.
func candidates() []candidate { return append(x264Candidates(), openh264Candidate()) }

// Support says whether an encoder works on this machine.
type Support struct {
	Name string
	Err  error // why not; nil if it has encoded a picture
}

// Available tries every encoder of this build on a picture, and returns them in
// order of preference, with the reason for those that don't work.
func Available() []Support {
	var all []Support
	for _, c := range candidates() {
		all = append(all, Support{Name: c.name, Err: probe(c)})
	}
	return all
}

// Preferred tries encoders in order and returns the name of the first that
// works, or an error with the reason for each.
func Preferred() (string, error) {
	var all []error
	for _, c := range candidates() {
		err := probe(c)
		if err == nil {
			return c.name, nil
		}
		all = append(all, fmt.Errorf("%s: %w", c.name, err))
	}
	return "", fmt.Errorf("no encoder works: %w", errors.Join(all...))
}

// Open returns the first encoder that works on this machine, in the order of
// Available. If there is none, the error has the reason for each. The source
// stays the caller's.
func Open(source Source, cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("open encoder: %w", err)
	}
	var reasons []error
	for _, c := range candidates() {
		if err := probe(c); err != nil {
			reasons = append(reasons, err)
			continue
		}
		e, err := build(c, source, cfg)
		if err == nil {
			return e, nil
		}
		reasons = append(reasons, err)
	}
	return nil, fmt.Errorf("open encoder: %w", errors.Join(reasons...))
}

func build(c candidate, source Source, cfg Config) (*Encoder, error) {
	e := &Encoder{candidate: c, cfg: cfg, source: source}
	if err := e.rebuild(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return e, nil
}

// probe encodes one small picture, which has to come out as a key frame.
func probe(c candidate) (err error) {
	cfg := Config{Width: 320, Height: 240, FrameRate: 30, BitRate: 1_000_000}
	e, err := build(c, still{image.NewYCbCr(image.Rect(0, 0, cfg.Width, cfg.Height), image.YCbCrSubsampleRatio420)}, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	unit, err := e.Next()
	if err != nil {
		return err
	}
	if !unit.Key {
		return fmt.Errorf("%s: the first picture did not come out as a key frame", c.name)
	}
	return nil
}

// still is a source of one and the same picture.
type still struct{ image *image.YCbCr }

var _ Source = still{}

func (s still) Read() (image.Image, func(), error) { return s.image, func() {}, nil }
func (s still) Captured() time.Time                { return time.Time{} }
