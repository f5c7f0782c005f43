package audio

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/prop"
)

// bitRate is where Opus is transparent for music in stereo, in bit/s.
const bitRate = 128_000

// Packet is one frame of sound in Opus.
type Packet struct {
	Data     []byte    // valid until the next Next or Close
	Captured time.Time // when its first sample was played
}

// Sound is a session's sound, compressed. One goroutine calls Start, Stop and
// Next; Close may be called by any.
type Sound struct {
	recorder *Recorder
	encoder  codec.ReadCloser
}

// Open connects to the PulseAudio at a server address. It rests until Start.
func Open(server string) (*Sound, error) {
	recorder, err := OpenRecorder(server)
	if err != nil {
		return nil, err
	}
	encoder, err := opusBuilder{bitRate}.BuildAudioEncoder(recorder,
		prop.Media{Audio: prop.Audio{SampleRate: SampleRate, ChannelCount: Channels}})
	if err != nil {
		return nil, errors.Join(err, recorder.Close())
	}
	return &Sound{recorder: recorder, encoder: encoder}, nil
}

// Start begins with what is played from now on.
func (s *Sound) Start() error { return s.recorder.Start() }

// Stop rests until the next Start.
func (s *Sound) Stop() error { return s.recorder.Stop() }

// Next waits for a frame and compresses it. It returns io.EOF after Close, and
// ErrSilent when the daemon delivers nothing any more.
func (s *Sound) Next() (Packet, error) {
	data, _, err := s.encoder.Read()
	if err == io.EOF {
		return Packet{}, io.EOF
	}
	if err != nil {
		return Packet{}, fmt.Errorf("hear the game: %w", err)
	}
	return Packet{Data: data, Captured: s.recorder.Captured()}, nil
}

// Dropped counts the frames that Next came too late for.
func (s *Sound) Dropped() uint64 { return s.recorder.Dropped() }

// Close ends Next and frees everything. It may be called again.
func (s *Sound) Close() error {
	return errors.Join(s.recorder.Close(), s.encoder.Close())
}
