package record

import (
	"errors"
	"fmt"

	"github.com/Eyevinn/mp4ff/av1"
	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/hevc"
	"github.com/Eyevinn/mp4ff/mp4"
)

// format is what a decoder has to know before the first frame.
type format struct {
	codec         Codec
	width, height int
	parameters    []byte // the same for the same format
	sets          [][][]byte
}

// ErrMedia refuses a frame that can't be written down.
var ErrMedia = errors.New("this is no frame that can be recorded")

// describe reads the format out of a key frame.
func describe(f *Frame) (*format, error) {
	d := &format{codec: f.Codec, width: f.Width, height: f.Height}
	switch f.Codec {
	case H264:
		sps, pps := avc.GetParameterSetsFromByteStream(f.Data)
		d.sets = [][][]byte{sps, pps}
	case H265:
		vps, sps, pps := hevc.GetParameterSetsFromByteStream(f.Data)
		d.sets = [][][]byte{vps, sps, pps}
	case AV1:
		sequence, err := sequenceHeader(f.Data)
		if err != nil {
			return nil, err
		}
		d.sets = [][][]byte{{sequence}}
	default:
		return nil, fmt.Errorf("%w: its codec is %q", ErrMedia, f.Codec)
	}
	d.parameters = fmt.Appendf(nil, "%s %dx%d", f.Codec, f.Width, f.Height)
	for _, set := range d.sets {
		if len(set) == 0 {
			return nil, fmt.Errorf("%w: a key frame of %s has not all its parameter sets", ErrMedia, f.Codec)
		}
		for _, unit := range set {
			d.parameters = append(d.parameters, unit...)
		}
	}
	return d, nil
}

// stored is a frame as it lies in a file: its units with lengths before them.
func (f *Frame) stored() ([]byte, error) {
	var data []byte
	if f.Codec == AV1 {
		data = withoutDelimiters(f.Data)
	} else {
		data = avc.ConvertByteStreamToNaluSample(f.Data)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: it holds nothing", ErrMedia)
	}
	return data, nil
}

// describeTo sets a track's sample description.
func (d *format) describeTo(track *mp4.TrakBox) error {
	switch d.codec {
	case H264:
		return track.SetAVCDescriptor("avc1", d.sets[0], d.sets[1], true)
	case H265:
		return track.SetHEVCDescriptor("hvc1", d.sets[0], d.sets[1], d.sets[2], nil, true)
	}
	operating, err := operatingPoint(d.sets[0][0])
	if err != nil {
		return err
	}
	// 8 bits and 4:2:0: what encoders here make.
	record := av1.CodecConfRec{
		Version: 1, SeqProfile: operating.profile, SeqLevelIdx0: operating.level, SeqTier0: operating.tier,
		ChromaSubsamplingX: 1, ChromaSubsamplingY: 1, ConfigOBUs: d.sets[0][0],
	}
	track.Tkhd.Width, track.Tkhd.Height = mp4.Fixed32(d.width<<16), mp4.Fixed32(d.height<<16)
	track.Mdia.Minf.Stbl.Stsd.AddChild(mp4.CreateVisualSampleEntryBox("av01", uint16(d.width), uint16(d.height), &mp4.Av1CBox{CodecConfRec: record}))
	return nil
}
