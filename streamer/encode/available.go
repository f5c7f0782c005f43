package encode

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
)

// candidate is an encoder that this build knows.
type candidate struct {
	name     string
	codec    Codec
	hardware bool
	byName   bool // not taken unless it is named
	rate     rateChange
	builder  func(bitRate int) codec.VideoEncoderBuilder
}

// rateChange says what a change of the bit rate takes.
type rateChange int

const (
	rateAtOnce       rateChange = iota
	rateWithKeyFrame            // the encoder answers with a key frame
	rateByReopening             // it can't while it runs
)

// candidates are in order of preference.
func candidates() []candidate {
	return slices.Concat(hardwareCandidates(), x264Candidates(), libavCandidates(), []candidate{openh264Candidate()})
}

// Support says whether an encoder works on this machine.
type Support struct {
	Name     string
	Codec    Codec
	Hardware bool
	ByName   bool  // is used only where it is named
	Err      error // why it does not work; nil if it has encoded pictures
}

// Available tries every encoder of this build on pictures of 720p60, and
// returns them in order of preference, with the reason for those that don't
// work.
func Available() []Support {
	var all []Support
	for _, c := range candidates() {
		all = append(all, c.support(probe(c, typical(Config{}))))
	}
	return all
}

// Preferred tries encoders on pictures of 720p60, and returns those to encode
// with, the first that works of each codec, and those that were passed over with
// their reasons. The codec that saves most comes first: AV1 and H.265 where they
// are made in hardware, and always H.264, since there is hardly a browser without.
// A name leaves just that encoder.
func Preferred(named string) (best, passed []Support, err error) {
	codecs := []Codec{AV1, H265, H264}
	if named != "" {
		codecs = []Codec{codecOf(named)}
	}
	for i, c := range codecs {
		e, err := Open(still{}, typical(Config{Codec: c, Encoder: named}))
		if err != nil && i == len(codecs)-1 {
			return nil, nil, err
		}
		if err != nil {
			continue
		}
		best, passed = append(best, e.candidate.support(nil)), append(passed, e.passed...)
		if err := e.Close(); err != nil {
			return nil, nil, err
		}
	}
	return best, passed, nil
}

func typical(cfg Config) Config {
	cfg.Width, cfg.Height, cfg.FrameRate, cfg.BitRate = 1280, 720, 60, 6_000_000
	return cfg
}

// codecOf is what an encoder of this build makes; of others that is not told.
func codecOf(name string) Codec {
	for _, c := range candidates() {
		if c.name == name {
			return c.codec
		}
	}
	return H264
}

func (c candidate) support(err error) Support {
	return Support{Name: c.name, Codec: c.codec, Hardware: c.hardware, ByName: c.byName, Err: err}
}

// Open returns the first encoder of the codec that works on this machine with
// pictures of that size and rate, in the order of Available, or the one that
// is named. If there is none, the error has the reason for each. The source
// stays the caller's.
func Open(source Source, cfg Config) (*Encoder, error) {
	order, err := cfg.order(candidates())
	if err != nil {
		return nil, fmt.Errorf("open encoder: %w", err)
	}
	return openFirst(order, source, cfg)
}

// OpenAfter opens the next encoder in order after one that has failed, also
// where that was named.
func OpenAfter(source Source, cfg Config, failed string) (*Encoder, error) {
	cfg.Encoder = ""
	order, err := cfg.order(candidates())
	if err != nil {
		return nil, fmt.Errorf("open encoder: %w", err)
	}
	return openFirst(after(order, failed), source, cfg)
}

// after is all of the order if the one that failed is not in it.
func after(order []candidate, failed string) []candidate {
	return order[slices.IndexFunc(order, func(c candidate) bool { return c.name == failed })+1:]
}

// order is what to try for the configuration.
func (c Config) order(all []candidate) ([]candidate, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Encoder == "" {
		return slices.DeleteFunc(all, func(one candidate) bool { return one.codec != c.Codec || one.byName }), nil
	}
	at := slices.IndexFunc(all, func(one candidate) bool { return one.name == c.Encoder })
	if at < 0 {
		return nil, fmt.Errorf("%s is none of the encoders of this build", c.Encoder)
	}
	if all[at].codec != c.Codec {
		return nil, fmt.Errorf("%s makes %v, and %v is wanted", c.Encoder, all[at].codec, c.Codec)
	}
	return all[at:][:1], nil
}

func openFirst(order []candidate, source Source, cfg Config) (*Encoder, error) {
	var passed []Support
	reasons := []error{errors.New("no encoder works")}
	for _, c := range order {
		err := probe(c, cfg)
		if err == nil {
			var e *Encoder
			if e, err = build(c, source, cfg); err == nil {
				e.passed = passed
				return e, nil
			}
		}
		passed = append(passed, c.support(err))
		reasons = append(reasons, fmt.Errorf("%s: %w", c.name, err))
	}
	return nil, fmt.Errorf("open encoder: %w", errors.Join(reasons...))
}

func build(c candidate, source Source, cfg Config) (*Encoder, error) {
	e := &Encoder{candidate: c, cfg: cfg, source: source}
	if err := e.rebuild(); err != nil {
		return nil, err
	}
	return e, nil
}

// probe encodes pictures of the size that is wanted. Each has to come out at
// once, and a key frame where it is due.
func probe(c candidate, cfg Config) (err error) {
	picture := image.NewYCbCr(image.Rect(0, 0, cfg.Width, cfg.Height), image.YCbCrSubsampleRatio420)
	e, err := build(c, still{picture}, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	for i, key := range []bool{true, false, true} {
		if key {
			e.ForceKeyFrame()
		}
		unit, err := e.Next()
		if err != nil {
			return err
		}
		if key && !unit.Key {
			return fmt.Errorf("picture %d did not come out as a key frame", i)
		}
	}
	return nil
}

// still is a source of one and the same picture.
type still struct{ image *image.YCbCr }

var _ Source = still{}

func (s still) Read() (image.Image, func(), error) { return s.image, nothing, nil }
func (s still) Captured() time.Time                { return time.Time{} }
