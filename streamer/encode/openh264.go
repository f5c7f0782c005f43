package encode

import (
	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/codec/openh264"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

// openh264Candidate is the encoder that mediadevices bundles. Its controls race
// with its Read and outlive its Close; Encoder calls them from within Read.
func openh264Candidate() candidate {
	return candidate{name: "openh264", codec: H264, builder: func(bitRate int) codec.VideoEncoderBuilder {
		return openh264Builder{bitRate}
	}}
}

type openh264Builder struct{ bitRate int }

var _ codec.VideoEncoderBuilder = openh264Builder{}

func (openh264Builder) RTPCodec() *codec.RTPCodec { return H264.rtp() }

func (b openh264Builder) BuildVideoEncoder(r video.Reader, p prop.Media) (codec.ReadCloser, error) {
	params, err := openh264.NewParams()
	if err != nil {
		return nil, err
	}
	params.BitRate = b.bitRate
	params.IntraPeriod = 0 // key frames only on demand
	// The rate is hardly controlled without, and each change of it is answered
	// by a warning on stderr.
	params.EnableFrameSkip = true
	params.SliceMode = openh264.SMSingleSlice
	params.MultipleThreadIdc = 1
	encoder, err := params.BuildVideoEncoder(r, p)
	if err != nil {
		return nil, err
	}
	return described{encoder}, nil
}

// described adds to a stream what its colours are, for which mediadevices has
// no parameter.
type described struct{ codec.ReadCloser }

func (d described) Read() ([]byte, func(), error) {
	unit, release, err := d.ReadCloser.Read()
	if err != nil || !isKeyH264(unit) {
		return unit, release, err
	}
	unit, err = describeColour(unit)
	return unit, release, err
}
