package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jfreymuth/pulse/proto"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/wave"
)

// The one form that sound has here.
const (
	SampleRate    = 48000
	Channels      = 2
	FrameDuration = 10 * time.Millisecond
	FrameSamples  = SampleRate / 100 // of each channel
)

const (
	// queued is how many frames may wait to be read. The oldest makes room.
	queued = 5
	// settle is how long after the first delivery what comes is thrown away:
	// it is what the daemon had in stock, up to 50 ms of it at once.
	settle = 60 * time.Millisecond
	// silence is how long a daemon that runs may deliver nothing.
	silence = 2 * time.Second
)

// ErrSilent is why Read fails when the daemon has stopped delivering.
var ErrSilent = errors.New("the sound stopped coming")

// Recorder records the monitor of a session's sink. One goroutine calls Start,
// Stop and Read; Close may be called by any.
type Recorder struct {
	link

	frames chan *frame
	spare  chan *frame // to be filled again
	timer  *time.Timer
	read   time.Time // Captured

	assembly
	dropped atomic.Uint64
}

// link is the connection to the daemon.
type link struct {
	client   *proto.Client
	conn     net.Conn
	stream   uint32        // its number
	done     chan struct{} // closed by Close
	closed   sync.Once
	closeErr error
	lost     chan struct{} // closed when the daemon closes the connection
}

// assembly is where deliveries are cut into frames.
type assembly struct {
	mu      sync.Mutex // over what the client's goroutine fills
	began   time.Time  // the first delivery since Start; zero: none yet
	filling *frame
	filled  int // samples of it
	clock   sampleClock
}

// frame is FrameDuration of sound.
type frame struct {
	sound    wave.Int16Interleaved
	captured time.Time
}

var _ audio.Reader = (*Recorder)(nil)

// OpenRecorder connects to the PulseAudio at a server address, such as
// "unix:/run/…/native". It records from Start on.
func OpenRecorder(server string) (*Recorder, error) {
	client, conn, err := proto.Connect(server)
	if err != nil {
		return nil, fmt.Errorf("connect to PulseAudio: %w", err)
	}
	r := &Recorder{
		link:   link{client: client, conn: conn, done: make(chan struct{}), lost: make(chan struct{})},
		frames: make(chan *frame, queued), spare: make(chan *frame, queued+2), timer: time.NewTimer(time.Hour),
		assembly: assembly{filling: newFrame()},
	}
	r.timer.Stop()
	client.Callback = r.message
	if err := r.create(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("record from PulseAudio: %w", err)
	}
	return r, nil
}

// introduce says who we are, which the daemon asks of every client first.
func introduce(client *proto.Client) error {
	name := proto.PropList{"application.name": proto.PropListString("playcast")}
	return client.Request(&proto.SetClientName{Props: name}, &proto.SetClientNameReply{})
}

// create makes a stream that rests. It asks for a delivery each frame, and the
// sink heeds that too: it runs with the least latency that anybody asked for.
func (r *Recorder) create() error {
	if err := introduce(r.client); err != nil {
		return err
	}
	const size = FrameSamples * Channels * 2
	created := proto.CreateRecordStreamReply{}
	err := r.client.Request(&proto.CreateRecordStream{
		SampleSpec:  proto.SampleSpec{Format: proto.FormatInt16LE, Channels: Channels, Rate: SampleRate},
		ChannelMap:  proto.ChannelMap{proto.ChannelLeft, proto.ChannelRight},
		SourceIndex: proto.Undefined, SourceName: "game.monitor", DirectOnInputIndex: proto.Undefined,
		BufferFragSize: size, BufferMaxLength: queued * size, AdjustLatency: true,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm), uint32(proto.VolumeNorm)},
		Properties:     proto.PropList{}, Corked: true,
	}, &created)
	r.stream = created.StreamIndex
	return err
}

// message takes what the daemon sends unasked. It is called by the client's
// goroutine.
func (r *Recorder) message(message any) {
	switch m := message.(type) {
	case *proto.DataPacket:
		r.take(m.Data, time.Now())
	case *proto.ConnectionClosed:
		close(r.lost)
	}
}

func newFrame() *frame {
	return &frame{sound: *wave.NewInt16Interleaved(wave.ChunkInfo{
		Len: FrameSamples, Channels: Channels, SamplingRate: SampleRate,
	})}
}

// Start begins to record, with nothing from before. An error is the end of the
// connection.
func (r *Recorder) Start() error {
	r.mu.Lock()
	r.began, r.filled = time.Time{}, 0
	r.clock.reset()
	r.mu.Unlock()
	if err := r.client.Request(&proto.FlushRecordStream{StreamIndex: r.stream}, nil); err != nil {
		return fmt.Errorf("record from PulseAudio: %w", err)
	}
	for len(r.frames) > 0 {
		r.release(<-r.frames)
	}
	return r.cork(false)
}

// Stop rests: nothing is recorded, and it costs next to nothing.
func (r *Recorder) Stop() error { return r.cork(true) }

func (r *Recorder) cork(corked bool) error {
	if err := r.client.Request(&proto.CorkRecordStream{StreamIndex: r.stream, Corked: corked}, nil); err != nil {
		return fmt.Errorf("record from PulseAudio: %w", err)
	}
	return nil
}

// take cuts what the daemon delivers into frames. It never waits.
func (r *Recorder) take(data []byte, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.began.IsZero() {
		r.began = now
	}
	if now.Sub(r.began) < settle {
		return
	}
	for ; len(data) >= 2; data = data[2:] {
		r.filling.sound.Data[r.filled] = int16(binary.LittleEndian.Uint16(data))
		if r.filled++; r.filled < len(r.filling.sound.Data) {
			continue
		}
		// What follows in this delivery was played after this frame.
		r.filling.captured = r.clock.next(now.Add(-lasting(len(data)/2 - 1)))
		r.put(r.filling)
		r.filling, r.filled = r.another(), 0
	}
}

// lasting is how long so many samples of all channels are heard.
func lasting(samples int) time.Duration {
	return time.Duration(samples/Channels) * time.Second / SampleRate
}

func (r *Recorder) put(f *frame) {
	for {
		select {
		case r.frames <- f:
			return
		default:
		}
		select {
		case oldest := <-r.frames:
			r.dropped.Add(1)
			r.release(oldest)
		default: // it has been read meanwhile
		}
	}
}

func (r *Recorder) another() *frame {
	select {
	case f := <-r.spare:
		return f
	default:
		return newFrame()
	}
}

func (r *Recorder) release(f *frame) {
	select {
	case r.spare <- f:
	default: // enough are kept; this one is garbage
	}
}

// Read waits for a frame, *wave.Int16Interleaved, which is the caller's until
// release. It returns io.EOF after Close, and ErrSilent when none has come for
// 2 s, as when the daemon has ended: then the Recorder is of no more use.
func (r *Recorder) Read() (wave.Audio, func(), error) {
	r.timer.Reset(silence)
	defer r.timer.Stop()
	select {
	case f := <-r.frames:
		r.read = f.captured
		return &f.sound, func() { r.release(f) }, nil
	case <-r.done:
		return nil, nil, io.EOF
	case <-r.lost:
	case <-r.timer.C:
	}
	return nil, nil, ErrSilent
}

// Captured is when the frame that Read last returned began to be played. It is
// for the goroutine that reads.
func (r *Recorder) Captured() time.Time { return r.read }

// Dropped counts the frames that nobody read in time.
func (r *Recorder) Dropped() uint64 { return r.dropped.Load() }

// Close ends Read and the connection. It may be called again.
func (r *Recorder) Close() error {
	r.closed.Do(func() {
		close(r.done)
		r.closeErr = r.conn.Close()
	})
	return r.closeErr
}
