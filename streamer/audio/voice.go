package audio

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

const (
	// voiceAhead is what has to be there before a voice is played, also after a
	// gap: it evens out how packets come.
	voiceAhead = 40 * time.Millisecond
	// voiceMost is the most that waits. What is older is dropped, so that a
	// voice is never late for good.
	voiceMost = 160 * time.Millisecond
	// voiceGap is how many packets are concealed in a row; more are silence.
	voiceGap = 5
	// voiceBuffer is what the daemon holds of it.
	voiceBuffer = 20 * time.Millisecond
)

// Voice plays what a player says into the microphone of a session, where the
// game hears it. It is one stream of Opus.
//
//	Push: packet ─▶ decoded, losses concealed ─▶ queue (160 ms) ─▶ daemon ─▶ the game
//
// One goroutine calls Push; the daemon takes from the queue when it wants more.
type Voice struct {
	client *proto.Client
	conn   net.Conn

	decoder *decoder
	last    uint16 // sequence number of the last packet
	begun   bool
	samples []int16 // decoded into, again and again

	mu      sync.Mutex
	queue   []int16
	playing bool   // false: until voiceAhead is there
	buffer  []byte // of the client's goroutine
}

// OpenVoice connects to the PulseAudio at a server address, which has a sink
// of the name VoiceSink. Close frees it.
func OpenVoice(server string) (*Voice, error) {
	decoder, err := openDecoder()
	if err != nil {
		return nil, err
	}
	client, conn, err := proto.Connect(server)
	if err != nil {
		decoder.close()
		return nil, fmt.Errorf("connect to PulseAudio: %w", err)
	}
	v := &Voice{client: client, conn: conn, decoder: decoder}
	client.Callback = func(message any) {
		if request, ok := message.(*proto.Request); ok {
			v.fill(request.StreamIndex, int(request.Length))
		}
	}
	if err := v.create(); err != nil {
		v.Close()
		return nil, fmt.Errorf("play to PulseAudio: %w", err)
	}
	return v, nil
}

// VoiceSink is the sink whose monitor is the game's microphone.
const VoiceSink = "voice"

func (v *Voice) create() error {
	if err := introduce(v.client); err != nil {
		return err
	}
	size := uint32(2 * samplesOf(voiceBuffer))
	var created proto.CreatePlaybackStreamReply
	err := v.client.Request(&proto.CreatePlaybackStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: SampleRate},
		ChannelMap: proto.ChannelMap{proto.ChannelMono},
		SinkIndex:  proto.Undefined, SinkName: VoiceSink, BufferMaxLength: 4 * size, BufferTargetLength: size,
		BufferPrebufferLength: size / 2, BufferMinimumRequest: size / 2, AdjustLatency: true,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)}, Properties: proto.PropList{},
	}, &created)
	if err != nil {
		return err
	}
	return v.client.Send(created.StreamIndex, make([]byte, created.Missing))
}

// Push takes the next packet of the stream, by its RTP sequence number. One that
// comes late or twice is dropped; one that is lost is made good from the next,
// or concealed. An error means that the bytes are no Opus.
func (v *Voice) Push(sequence uint16, packet []byte) error {
	v.samples = v.samples[:0]
	if v.begun {
		ahead := int16(sequence - v.last)
		if ahead <= 0 {
			return nil
		}
		v.conceal(min(int(ahead)-1, voiceGap), packet)
	}
	var err error
	if v.samples, err = v.decoder.decode(v.samples, packet); err != nil {
		return err
	}
	v.last, v.begun = sequence, true
	v.put(v.samples)
	return nil
}

// conceal adds what stands for lost packets: for the last of them what the packet
// after it carries of it. What can't be concealed is left out.
func (v *Voice) conceal(lost int, next []byte) {
	for n := range lost {
		var recovered []byte
		if n == lost-1 {
			recovered = next
		}
		v.samples = v.decoder.conceal(v.samples, recovered)
	}
}

func (v *Voice) put(samples []int16) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.queue = append(v.queue, samples...)
	if over := len(v.queue) - samplesOf(voiceMost); over > 0 {
		v.queue = append(v.queue[:0], v.queue[over:]...)
	}
	if len(v.queue) >= samplesOf(voiceAhead) {
		v.playing = true
	}
}

// fill sends so many bytes, of silence where nobody speaks. What can't be sent
// any more is not missed: the daemon has ended, and nobody hears.
func (v *Voice) fill(stream uint32, length int) {
	v.mu.Lock()
	v.buffer = v.buffer[:0]
	take := 0
	if v.playing {
		take = min(length/2, len(v.queue))
		v.playing = take < len(v.queue)
	}
	for _, sample := range v.queue[:take] {
		v.buffer = binary.LittleEndian.AppendUint16(v.buffer, uint16(sample))
	}
	v.queue = append(v.queue[:0], v.queue[take:]...)
	for len(v.buffer) < length {
		v.buffer = append(v.buffer, 0)
	}
	v.mu.Unlock()
	_ = v.client.Send(stream, v.buffer)
}

// samplesOf is how many samples of one channel last so long.
func samplesOf(d time.Duration) int { return int(d * SampleRate / time.Second) }

// Close ends it. Push may not be called after it.
func (v *Voice) Close() error {
	v.decoder.close()
	return v.conn.Close()
}
