package audiotest

import (
	"math"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jfreymuth/pulse"
)

// Daemon starts a PulseAudio with one sink, as a session has it, and returns
// its address and how to kill it. It ends with the test.
func Daemon(t testing.TB) (server string, kill func()) {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	daemon := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disable-shm=yes", "--log-level=error",
		"-L", "module-null-sink sink_name=game norewinds=1 rate=48000 channels=2 format=s16le",
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
	client, err := pulse.NewClient(pulse.ClientServerString(server))
	if err != nil {
		t.Fatal(err)
	}
	var at int
	stream, err := client.NewPlayback(pulse.Int16Reader(func(out []int16) (int, error) {
		for i := 0; i+1 < len(out); i, at = i+2, at+1 {
			out[i], out[i+1] = tone(at, left), tone(at, right)
		}
		return len(out), nil
	}), pulse.PlaybackStereo, pulse.PlaybackSampleRate(sampleRate), pulse.PlaybackLatency(0.05))
	if err != nil {
		client.Close()
		t.Fatal(err)
	}
	stream.Start()
	t.Cleanup(func() {
		stream.Close()
		client.Close()
	})
}

// Played is the loudness of what Play plays.
const Played = amplitude / math.Sqrt2

const amplitude = 10_000

func tone(at int, frequency float64) int16 {
	return int16(amplitude * math.Sin(2*math.Pi*frequency*float64(at)/sampleRate))
}
