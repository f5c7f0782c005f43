// Package record writes down what a session's players are shown and hear,
// without encoding it again.
//
//	Take, Hear ─▶ queue ─▶ cutter ─▶ segments ─▶ fragmented MP4 ─▶ storage
//	                                                    manifest ─▶ storage
//
// A recording is a folder of a store: init-0.mp4, 0.m4s, 1.m4s, … and
// manifest.json. A segment begins with a key frame, which the recorder asks for
// every few seconds. It is stored whole before the manifest names it, and the
// manifest is replaced at once: so that a recording whose worker was killed can
// be played up to its last segment.
//
// Time. What is recorded has a timeline from 0, without the pauses: picture and
// sound lie on it by when they were captured, so that they stay in step. Where
// something is left out (a pause, frames that could not be kept) the timeline
// goes on from where it was, with the next key frame. Another size, codec or set of
// parameters of the picture needs another init segment. The playlist calls
// all of these discontinuities.
//
// Who waits for whom. Take and Hear never wait: the queue is bounded, and what
// does not fit is dropped and counted. One goroutine cuts, and waits for the
// store. Library reads what Recorder has written.
package record

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage"
)

// Frame is one compressed picture.
type Frame struct {
	Data          []byte // Annex B, or of AV1 a temporal unit; copied by Take
	Codec         Codec
	Width, Height int
	Captured      time.Time
	Key           bool // decoding can start here
}

// Sound is one packet of Opus, of 48 kHz in stereo.
type Sound struct {
	Data     []byte // copied by Hear
	Captured time.Time
	Length   time.Duration
}

// Codec is what pictures are compressed to.
type Codec string

// The codecs.
const (
	H264 Codec = "H264"
	H265 Codec = "H265"
	AV1  Codec = "AV1"
)

// Config is how to record; Store, Folder and KeyFrame are required.
type Config struct {
	Store  storage.Store
	Folder string // of the recording within the store
	// MaxBytes and MaxLength end a recording that has become so large. 0: none.
	MaxBytes  int64
	MaxLength time.Duration
	// Segment is how long segments are, about. 0: 4 s.
	Segment time.Duration
	// KeyFrame asks for a key frame, and does not wait.
	KeyFrame func()
	// Progress hears every some seconds what is kept, and does not wait. Nil: nobody.
	Progress func(events.Footage)
	Log      *slog.Logger // nil: the default
}

// Outcome is what became of a recording.
type Outcome struct {
	Reason        events.RecordingEnd   // empty after a failure
	Fault         events.RecordingFault // empty after an end in good order
	Err           error                 // of the fault
	Footage       events.Footage
	Width, Height int    // of the largest picture
	Codec         Codec  // of the first
	Dropped       uint64 // frames that could not be kept
}

// The bounds of what waits to be written. When it is full, frames and sound are
// dropped until there is room, and the recording goes on with the next key frame.
const (
	maxQueued      = 4096
	maxQueuedBytes = 48 << 20
)

// Recorder writes one recording. All methods may be called by any goroutine.
type Recorder struct {
	writer *writer
	wake   chan struct{} // one token: there is more
	done   chan struct{}
	cancel context.CancelFunc // of the store's work

	mu      sync.Mutex
	queue   []item
	bytes   int
	gap     bool // something was dropped before what comes next
	dropped uint64
	closed  bool // nothing is taken any more

	outcome Outcome // of the goroutine, until done
}

// item is one thing to be written; the queue holds them in their order.
type item struct {
	frame *Frame
	sound *Sound
	gap   bool                // something was dropped before this frame
	cut   time.Time           // not zero: the picture rests from then on
	stop  events.RecordingEnd // not empty: the end
}

// Start begins a recording. Its goroutine ends with Stop, or of itself.
func Start(cfg Config) *Recorder {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Recorder{writer: newWriter(ctx, cfg), wake: make(chan struct{}, 1), done: make(chan struct{}), cancel: cancel}
	go r.run()
	return r
}

// Take records a frame, if there is room.
func (r *Recorder) Take(f Frame) {
	f.Data = append([]byte(nil), f.Data...)
	r.put(item{frame: &f}, len(f.Data))
}

// Hear records sound, if there is room.
func (r *Recorder) Hear(s Sound) {
	s.Data = append([]byte(nil), s.Data...)
	r.put(item{sound: &s}, len(s.Data))
}

// Cut leaves out what is between now and the next key frame, for a pause.
func (r *Recorder) Cut(now time.Time) { r.order(item{cut: now}) }

// closeWithin is for how long the store is waited for after Stop.
const closeWithin = 20 * time.Second

// Stop ends the recording for a reason; only the first call counts. It does not
// wait: Done is closed when all is kept.
func (r *Recorder) Stop(now time.Time, reason events.RecordingEnd) {
	if r.order(item{cut: now, stop: reason}) {
		time.AfterFunc(closeWithin, r.cancel)
	}
}

// Done is closed when nothing is written any more.
func (r *Recorder) Done() <-chan struct{} { return r.done }

// Outcome waits for the end, and says how it was.
func (r *Recorder) Outcome() Outcome {
	<-r.done
	return r.outcome
}

func (r *Recorder) put(i item, size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if len(r.queue) >= maxQueued || r.bytes+size > maxQueuedBytes {
		r.gap = true
		if i.frame != nil {
			r.dropped++
		}
		return
	}
	if i.frame != nil {
		i.gap, r.gap = r.gap, false
	}
	r.queue = append(r.queue, i)
	r.bytes += size
	r.rouse()
}

// order queues what is not dropped, and says whether it counts.
func (r *Recorder) order(i item) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.closed = i.stop != ""
	r.queue = append(r.queue, i)
	r.rouse()
	return true
}

func (r *Recorder) rouse() {
	select {
	case r.wake <- struct{}{}:
	default: // a token is there: what has changed will be seen with it
	}
}

// look is how often it is thought of asking for a key frame.
const look = 500 * time.Millisecond

func (r *Recorder) run() {
	defer close(r.done)
	defer r.cancel()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-r.wake:
		case now := <-ticker.C:
			r.writer.tick(now)
		}
		for _, i := range r.taken() {
			if ended := r.writer.write(i); ended {
				r.end()
				return
			}
		}
	}
}

// taken empties the queue.
func (r *Recorder) taken() []item {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.queue
	r.queue, r.bytes = nil, 0
	return all
}

func (r *Recorder) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed, r.queue = true, nil
	r.outcome = r.writer.outcome
	r.outcome.Dropped = r.dropped + r.writer.cutter.dropped
}
