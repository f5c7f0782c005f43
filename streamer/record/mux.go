package record

import (
	"bytes"
	"fmt"

	"github.com/Eyevinn/mp4ff/mp4"
)

// The tracks of a recording.
const (
	videoTrack = 1
	soundTrack = 2
)

// initSegment is what comes before the segments of a format.
func initSegment(d *format, sound bool) ([]byte, error) {
	init := mp4.CreateEmptyInit()
	init.AddEmptyTrack(videoScale, "video", "und")
	if err := d.describeTo(init.Moov.Traks[0]); err != nil {
		return nil, fmt.Errorf("describe %s: %w", d.codec, err)
	}
	if sound {
		init.AddEmptyTrack(soundScale, "audio", "und")
		init.Moov.Traks[1].Mdia.Minf.Stbl.Stsd.AddChild(opusEntry())
	}
	var out bytes.Buffer
	if err := init.Encode(&out); err != nil {
		return nil, fmt.Errorf("write the init segment: %w", err)
	}
	return out.Bytes(), nil
}

// opusEntry describes the sound (Opus in ISOBMFF, 4.3). A recording begins
// within a stream, so that there is no start of it to be skipped.
func opusEntry() mp4.Box {
	return mp4.CreateAudioSampleEntryBox("Opus", 2, 16, soundScale, &mp4.DopsBox{
		OutputChannelCount: 2, InputSampleRate: soundScale,
	})
}

// mediaSegment is a segment as a file: one fragment, the picture first.
func mediaSegment(s *segment, number int) ([]byte, error) {
	tracks := []uint32{videoTrack}
	if len(s.sound) > 0 {
		tracks = append(tracks, soundTrack)
	}
	fragment, err := mp4.CreateMultiTrackFragment(uint32(number+1), tracks)
	if err != nil {
		return nil, err
	}
	if err := addTo(fragment, videoTrack, s.video); err != nil {
		return nil, err
	}
	if err := addTo(fragment, soundTrack, s.sound); err != nil {
		return nil, err
	}
	file := mp4.NewMediaSegment()
	file.AddFragment(fragment)
	out := bytes.NewBuffer(make([]byte, 0, file.Size()))
	if err := file.Encode(out); err != nil {
		return nil, fmt.Errorf("write a segment: %w", err)
	}
	return out.Bytes(), nil
}

func addTo(fragment *mp4.Fragment, track uint32, samples []sample) error {
	for _, one := range samples {
		flags := mp4.NonSyncSampleFlags
		if one.key {
			flags = mp4.SyncSampleFlags
		}
		if err := fragment.AddFullSampleToTrack(mp4.FullSample{
			Sample:     mp4.NewSample(flags, uint32(one.length), uint32(len(one.data)), 0),
			DecodeTime: uint64(one.at), Data: one.data,
		}, track); err != nil {
			return fmt.Errorf("add to track %d: %w", track, err)
		}
	}
	return nil
}
