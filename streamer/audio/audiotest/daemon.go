package audiotest

import (
	"encoding/binary"
	"math"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// Daemon starts a PulseAudio with a sink and a microphone, as a session has it, and returns
// its address and how to kill it. It ends with the test.
func Daemon(t testing.TB) (server string, kill func()) {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	daemon := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disable-shm=yes", "--log-level=error",
		"-L", "module-null-sink sink_name=game norewinds=1 rate=48000 channels=2 format=s16le",
		"-L", "module-null-sink sink_name=voice norewinds=1 rate=48000 channels=1 format=s16le",
		"-L", "module-remap-source source_name=microphone master=voice.monitor",
		"-L", "module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket="+socket)
	daemon.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PULSE_RUNTIME_PATH=" + dir}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = daemon.Wait() // killed, as it should be
	}()
	kill = func() {
		_ = daemon.Process.Kill() // or it has ended
		<-ended
	}
	t.Cleanup(kill)
	for deadline := time.After(10 * time.Second); ; {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return "unix:" + socket, kill
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ended:
			t.Fatal("PulseAudio ended before it was ready")
		case <-deadline:
			t.Fatal("PulseAudio was not ready in time")
		}
	}
}

// Play plays a tone on each channel into the sink of a PulseAudio, frequencies
// in Hz, until the test ends.
func Play(t testing.TB, server string, left, right float64) {
	t.Helper()
	client, conn, err := proto.Connect(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &player{client: client, frequencies: [channels]float64{left, right}}
	client.Callback = func(message any) {
		if request, ok := message.(*proto.Request); ok {
			_ = p.fill(request.StreamIndex, request.Length) // it has ended, and so will the test
		}
	}
	if err := p.begin(); err != nil {
		t.Fatal(err)
	}
}

// player fills what the daemon asks for. The client's goroutine owns it once
// it has begun.
type player struct {
	client      *proto.Client
	frequencies [channels]float64
	at          int // samples played
}

func (p *player) begin() error {
	if err := p.client.Request(&proto.SetClientName{Props: proto.PropList{}}, &proto.SetClientNameReply{}); err != nil {
		return err
	}
	const buffer = sampleRate / 20 * channels * 2 // 50 ms
	var created proto.CreatePlaybackStreamReply
	err := p.client.Request(&proto.CreatePlaybackStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatInt16LE, Channels: channels, Rate: sampleRate},
		ChannelMap: proto.ChannelMap{proto.ChannelLeft, proto.ChannelRight},
		SinkIndex:  proto.Undefined, BufferMaxLength: 4 * buffer, BufferTargetLength: buffer,
		BufferPrebufferLength: buffer, BufferMinimumRequest: buffer / 2, AdjustLatency: true,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm), uint32(proto.VolumeNorm)},
		Properties:     proto.PropList{},
	}, &created)
	if err != nil {
		return err
	}
	return p.client.Send(created.StreamIndex, make([]byte, created.Missing))
}

func (p *player) fill(stream, length uint32) error {
	var data []byte
	for range length / (channels * 2) {
		for _, frequency := range p.frequencies {
			data = binary.LittleEndian.AppendUint16(data, uint16(tone(p.at, frequency)))
		}
		p.at++
	}
	return p.client.Send(stream, data)
}

// Played is the loudness of what Play plays.
const Played = amplitude / math.Sqrt2

const amplitude = 10_000

func tone(at int, frequency float64) int16 {
	return int16(amplitude * math.Sin(2*math.Pi*frequency*float64(at)/sampleRate))
}
