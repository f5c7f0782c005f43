package lab

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"sync/atomic"

	"github.com/jfreymuth/pulse/proto"
)

// What a press sounds like.
const (
	beepFrequency = 880.0 // Hz
	beepSamples   = sampleRate * 60 / 1000
	beepAmplitude = 8000.0
	rampSamples   = sampleRate * 3 / 1000 // of rise and fall, so that nothing clicks

	sampleRate  = 48000
	sampleBytes = 4                              // left and right, 16 bits each
	soundBuffer = sampleRate / 100 * sampleBytes // 10 ms: what the daemon may hold of us
)

// speaker beeps into a PulseAudio. The client's goroutine fills what the daemon
// asks for; it ends with the connection.
type speaker struct {
	client  *proto.Client
	conn    net.Conn
	presses atomic.Uint32

	// Of the client's goroutine.
	played uint32 // presses
	rest   int    // samples of the beep that are still to come
	buffer []byte
}

// openSpeaker connects to the PulseAudio at a server address.
func openSpeaker(server string) (*speaker, error) {
	client, conn, err := proto.Connect(server)
	if err != nil {
		return nil, fmt.Errorf("connect to PulseAudio: %w", err)
	}
	s := &speaker{client: client, conn: conn}
	client.Callback = func(message any) {
		if request, ok := message.(*proto.Request); ok {
			s.fill(request.StreamIndex, int(request.Length))
		}
	}
	if err := s.create(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("play to PulseAudio: %w", err)
	}
	return s, nil
}

// create makes a stream, and sends the silence with which it begins to play.
func (s *speaker) create() error {
	name := proto.PropList{"application.name": proto.PropListString("Latency Lab")}
	if err := s.client.Request(&proto.SetClientName{Props: name}, &proto.SetClientNameReply{}); err != nil {
		return err
	}
	var created proto.CreatePlaybackStreamReply
	err := s.client.Request(&proto.CreatePlaybackStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 2, Rate: sampleRate},
		ChannelMap: proto.ChannelMap{proto.ChannelLeft, proto.ChannelRight},
		SinkIndex:  proto.Undefined, BufferMaxLength: 4 * soundBuffer, BufferTargetLength: soundBuffer,
		BufferPrebufferLength: soundBuffer / 2, BufferMinimumRequest: soundBuffer / 2, AdjustLatency: true,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm), uint32(proto.VolumeNorm)},
		Properties:     proto.PropList{},
	}, &created)
	if err != nil {
		return err
	}
	// The daemon asks for more when it has played of this.
	return s.client.Send(created.StreamIndex, make([]byte, created.Missing))
}

// press beeps, as soon as the daemon asks for more.
func (s *speaker) press() { s.presses.Add(1) }

// fill sends so many bytes. What can't be sent any more is not missed: the
// daemon has ended, and nobody hears.
func (s *speaker) fill(stream uint32, length int) {
	s.buffer = s.buffer[:0]
	for range length / sampleBytes {
		v := uint16(s.next())
		s.buffer = binary.LittleEndian.AppendUint16(s.buffer, v)
		s.buffer = binary.LittleEndian.AppendUint16(s.buffer, v)
	}
	_ = s.client.Send(stream, s.buffer)
}

// next is one sample: of the beep of the last press, or silence.
func (s *speaker) next() int16 {
	if presses := s.presses.Load(); presses != s.played {
		s.played, s.rest = presses, beepSamples
	}
	if s.rest == 0 {
		return 0
	}
	at := beepSamples - s.rest
	s.rest--
	loud := min(1, float64(min(at, s.rest))/rampSamples)
	return int16(beepAmplitude * loud * math.Sin(2*math.Pi*beepFrequency*float64(at)/sampleRate))
}

// close ends the connection.
func (s *speaker) close() error { return s.conn.Close() }
