package transport

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// frameQueue is how many frames may wait for the sender: 133 ms at 60 fps.
// When it is full the newest is dropped and so is every frame up to the next
// key frame, which is asked for at once: a frame that refers to a lost one
// would only show damage.
const frameQueue = 8

// ErrNoPicture refuses bytes that hold no coded picture of their codec.
var ErrNoPicture = errors.New("the frame holds no picture of the codec")

// SentFrame tells when a frame left.
type SentFrame struct {
	Captured time.Time // as given to WriteFrame
	RTP      uint32    // its RTP time
	Queued   time.Time // when WriteFrame took it
	Sent     time.Time // when its last packet went to the socket
	Bytes    int
	Key      bool
}

type frame struct {
	data             []byte
	captured, queued time.Time
	codec            Codec
	key              bool
}

// sender queues frames and sends them from one goroutine.
type sender struct {
	track  *videoTrack
	target func() int // bits a second
	report func(SentFrame)
	onDrop func() // asks for a key frame
	// fill sends what a probe lacks, when there is no frame to send, and says
	// when to come again; wake has a token when it might.
	fill func(time.Time) (wait time.Duration, ok bool)
	wake <-chan struct{}
	burst

	queue chan *frame
	free  chan *frame // frames whose buffers can be used again

	mu      sync.Mutex // over the producer's side
	waiting bool       // for a key frame

	tally
}

// burst encloses what may leave by one system call.
type burst struct {
	begin func()
	end   func() error
}

// tally counts frames.
type tally struct{ frames, keys, dropped, failed atomic.Uint64 }

func newSender(track *videoTrack, target func() int) *sender {
	return &sender{
		track:  track,
		target: target,
		// A stream can only be joined at a key frame.
		waiting: true,
		queue:   make(chan *frame, frameQueue),
		free:    make(chan *frame, frameQueue+1),
		fill:    func(time.Time) (time.Duration, bool) { return 0, false },
		burst:   burst{begin: func() {}, end: func() error { return nil }},
	}
}

// push copies a frame into the queue, or drops it; it never waits.
func (s *sender) push(codec Codec, unit []byte, captured, now time.Time) error {
	found, key := codec.picture(unit)
	if !found {
		return ErrNoPicture
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting && !key {
		s.dropped.Add(1)
		return nil
	}
	if key && len(s.queue) == cap(s.queue) {
		s.flush() // nothing behind a key frame needs what is before it
	}
	f := s.take()
	f.data = append(f.data[:0], unit...)
	f.captured, f.queued, f.codec, f.key = captured, now, codec, key
	select {
	case s.queue <- f:
		s.waiting = false
	default:
		s.waiting = true
		s.dropped.Add(1)
		s.give(f)
		s.onDrop()
	}
	return nil
}

func (s *sender) flush() {
	for {
		select {
		case f := <-s.queue:
			s.dropped.Add(1)
			s.give(f)
		default:
			return
		}
	}
}

func (s *sender) take() *frame {
	select {
	case f := <-s.free:
		return f
	default:
		return &frame{}
	}
}

// give keeps a buffer for the next frame; when enough are kept it is garbage.
func (s *sender) give(f *frame) {
	select {
	case s.free <- f:
	default:
	}
}

// run sends until quit is closed.
func (s *sender) run(quit <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	w := newSending(s, quit, timer)
	for {
		var due <-chan time.Time
		if wait, ok := s.fill(time.Now()); ok {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-quit:
			return
		case <-due:
		case <-s.wake:
		case f := <-s.queue:
			w.send(f)
			s.give(f)
		}
	}
}
