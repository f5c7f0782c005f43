package audiotest

// #cgo pkg-config: opus
// #include <opus.h>
import "C"

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"github.com/jfreymuth/pulse/proto"
)

// VoiceSamples is what a packet of Speak lasts: 20 ms, as browsers send.
const VoiceSamples = sampleRate / 50

// Speak returns packets of one channel of a tone in Opus, with what makes a lost
// one good in the next.
func Speak(t testing.TB, packets int, frequency float64) [][]byte {
	t.Helper()
	var code C.int
	encoder := C.opus_encoder_create(sampleRate, 1, C.OPUS_APPLICATION_VOIP, &code)
	if code != C.OPUS_OK {
		t.Fatal(C.GoString(C.opus_strerror(code)))
	}
	defer C.opus_encoder_destroy(encoder)
	var all [][]byte
	for n := range packets {
		samples, packet := make([]int16, VoiceSamples), make([]byte, 1275)
		for i := range samples {
			samples[i] = tone(n*VoiceSamples+i, frequency)
		}
		size := C.opus_encode(encoder, (*C.opus_int16)(unsafe.SliceData(samples)), VoiceSamples,
			(*C.uchar)(unsafe.SliceData(packet)), C.opus_int32(len(packet)))
		if size < 0 {
			t.Fatal(C.GoString(C.opus_strerror(C.int(size))))
		}
		all = append(all, packet[:size])
	}
	return all
}

// Microphone records one channel from a source of a PulseAudio until the test
// ends, as a game does. It sends what comes, and drops what nobody takes.
func Microphone(t testing.TB, server, source string) <-chan []int16 {
	t.Helper()
	client, conn, err := proto.Connect(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	heard := make(chan []int16, 1000)
	client.Callback = func(message any) {
		packet, ok := message.(*proto.DataPacket)
		if !ok {
			return
		}
		samples := make([]int16, len(packet.Data)/2)
		for i := range samples {
			samples[i] = int16(binary.LittleEndian.Uint16(packet.Data[2*i:]))
		}
		select {
		case heard <- samples:
		default:
		}
	}
	if err := client.Request(&proto.SetClientName{Props: proto.PropList{}}, &proto.SetClientNameReply{}); err != nil {
		t.Fatal(err)
	}
	const fragment = 2 * sampleRate / 100
	err = client.Request(&proto.CreateRecordStream{
		SampleSpec:  proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: sampleRate},
		ChannelMap:  proto.ChannelMap{proto.ChannelMono},
		SourceIndex: proto.Undefined, SourceName: source, DirectOnInputIndex: proto.Undefined,
		BufferFragSize: fragment, BufferMaxLength: 100 * fragment, AdjustLatency: true,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)}, Properties: proto.PropList{},
	}, &proto.CreateRecordStreamReply{})
	if err != nil {
		t.Fatal(err)
	}
	return heard
}
