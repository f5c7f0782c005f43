package audio

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/audio/audiotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openSound(t *testing.T, server string) *Sound {
	t.Helper()
	s, err := Open(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func start(t *testing.T, s *Sound) {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
}

// hear returns a second of what follows, decoded, and when it began.
func hear(t *testing.T, s *Sound, decoder *audiotest.Decoder) (samples []int16, captured []time.Time) {
	t.Helper()
	for len(captured) < 100 {
		packet, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		heard, err := decoder.Decode(packet.Data)
		if err != nil || len(heard) != FrameSamples*Channels {
			t.Fatalf("a packet of %d samples, %v; want %d", len(heard)/Channels, err, FrameSamples)
		}
		samples, captured = append(samples, heard...), append(captured, packet.Captured)
	}
	return samples, captured
}

func newDecoder(t *testing.T) *audiotest.Decoder {
	t.Helper()
	d, err := audiotest.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestATonePlayedIsHeardOnItsSide(t *testing.T) {
	server, _ := audiotest.Daemon(t)
	audiotest.Play(t, server, 440, 1000)
	s, decoder := openSound(t, server), newDecoder(t)
	start(t, s)
	hear(t, s, decoder) // the tone has begun, and the decoder has settled
	const tries = 20    // on a busy machine the tone has gaps
	for n := range tries {
		samples, captured := hear(t, s, decoder)
		uneven := 0
		for i := 1; i < len(captured); i++ {
			if captured[i].Sub(captured[i-1]) != FrameDuration {
				uneven++
			}
		}
		if excused := breaks(s.recorder); uneven > excused {
			t.Errorf("%d frames are not %v after the one before; the machine is to blame for %d", uneven, FrameDuration, excused)
		}
		err := areTones(samples, 440, 1000)
		if err == nil {
			break
		}
		if n == tries-1 {
			t.Error(err)
		}
	}
}

// breaks counts where a busy machine has broken the sound: frames that were lost,
// and the times that were counted anew.
func breaks(r *Recorder) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock.jumps + int(r.Dropped())
}

// areTones wants one tone on each channel, as loud as it was played.
func areTones(samples []int16, frequencies ...float64) error {
	for channel, frequency := range frequencies {
		if part := audiotest.Tone(samples, channel, frequency); part < 0.9 {
			return fmt.Errorf("channel %d has %.2f of its power at %g Hz", channel, part, frequency)
		}
		if other := audiotest.Tone(samples, 1-channel, frequency); other > 0.01 {
			return fmt.Errorf("channel %d has %.2f of its power at the other's %g Hz", 1-channel, other, frequency)
		}
	}
	if loudness := audiotest.Loudness(samples); loudness < 0.9*audiotest.Played || loudness > 1.1*audiotest.Played {
		return fmt.Errorf("heard at %.0f, played at %.0f", loudness, audiotest.Played)
	}
	return nil
}

func TestStopRestsAndStartForgets(t *testing.T) {
	server, _ := audiotest.Daemon(t)
	audiotest.Play(t, server, 440, 440)
	s, decoder := openSound(t, server), newDecoder(t)
	start(t, s)
	hear(t, s, decoder)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	again := time.Now()
	start(t, s)
	if _, captured := hear(t, s, decoder); captured[0].Before(again.Add(-2 * FrameDuration)) {
		t.Errorf("the first frame is from %v before the start", again.Sub(captured[0]))
	}
}

func TestWhoReadsLateHearsTheLatest(t *testing.T) {
	server, _ := audiotest.Daemon(t)
	s := openSound(t, server)
	start(t, s)
	var age time.Duration
	for range 10 { // on a busy machine the daemon itself may be late
		for before := s.Dropped(); s.Dropped() < before+10; {
			time.Sleep(FrameDuration) // nobody reads
		}
		now := time.Now()
		packet, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if age = now.Sub(packet.Captured); age <= (queued+8)*FrameDuration {
			return
		}
	}
	t.Errorf("the next frame is %v old", age)
}

func TestADaemonThatIsKilledEndsTheSound(t *testing.T) {
	server, kill := audiotest.Daemon(t)
	s := openSound(t, server)
	start(t, s)
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	kill()
	for {
		_, err := s.Next()
		if errors.Is(err, ErrSilent) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCloseEndsNext(t *testing.T) {
	server, _ := audiotest.Daemon(t)
	s, err := Open(server)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := s.Next() // it rests, so nothing comes
		ended <- err
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != io.EOF {
		t.Errorf("Next returned %v, want EOF", err)
	}
	if _, err := s.Next(); err != io.EOF {
		t.Errorf("Next after Close returned %v, want EOF", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open("unix:/nowhere/native"); err == nil {
		t.Error("opened a daemon that is not there")
	}
	media := prop.Media{Audio: prop.Audio{SampleRate: 44100, ChannelCount: Channels}}
	if _, err := (opusBuilder{bitRate}).BuildAudioEncoder(nil, media); err == nil {
		t.Error("took 44.1 kHz")
	}
	media.SampleRate = SampleRate
	if _, err := (opusBuilder{-7}).BuildAudioEncoder(nil, media); err == nil {
		t.Error("took a negative bit rate")
	}
}

func TestDriver(t *testing.T) {
	server, _ := audiotest.Daemon(t)
	d := NewDriver(server)
	if _, err := d.AudioRecord(prop.Media{}); err == nil || d.Properties() != nil {
		t.Error("a closed device recorded")
	}
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	reader, err := d.AudioRecord(d.Properties()[0])
	if err != nil {
		t.Fatal(err)
	}
	chunk, release, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	if info := chunk.ChunkInfo(); info != (wave.ChunkInfo{Len: FrameSamples, Channels: Channels, SamplingRate: SampleRate}) {
		t.Errorf("it records %+v", info)
	}
	release()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// still delivers the same sound at once.
type still struct{ sound wave.Int16Interleaved }

func (s *still) Read() (wave.Audio, func(), error) { return &s.sound, func() {}, nil }

func BenchmarkOpus(b *testing.B) {
	source := &still{newFrame().sound}
	for i := range source.sound.Data {
		source.sound.Data[i] = int16(i * 7919) // busy, so that nothing is saved on silence
	}
	encoder, err := (opusBuilder{bitRate}).BuildAudioEncoder(source,
		prop.Media{Audio: prop.Audio{SampleRate: SampleRate, ChannelCount: Channels}})
	if err != nil {
		b.Fatal(err)
	}
	defer encoder.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := encoder.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
