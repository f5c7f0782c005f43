package transport

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// The queues are how many messages of a channel may wait for the
	// handlers, because these take long or the messages come faster than
	// flood.go allows. Input that overflows loses its oldest message: each
	// holds the full state, so the newest is the one that counts, and of what
	// comes too fast only that is taken. Control that overflows waits, and the
	// channel's flow control slows the client.
	messageQueue = 256
	controlQueue = 32
	// The largest messages taken from a client, in bytes.
	maxInput   = 4 << 10
	maxControl = 64 << 10
	// keyFrameInterval is the least time between two calls of KeyFrame. A
	// request that comes earlier is kept until it has passed.
	keyFrameInterval = time.Second
	// reportInterval is the time between sender reports.
	reportInterval = time.Second
)

// Handlers are a peer's way to the streamer. Any may be nil. They are called
// one at a time from the peer's event loop, and what they do holds up what
// comes after. None may call Peer.Close or Server.Close, which wait for the
// loop; after Disconnected that is not needed either.
type Handlers struct {
	// Connected: media can flow. The first frame to write is a key frame.
	Connected func()
	// Disconnected: the peer has ended for the given reason, after so long a
	// silence of the client, and frees itself when the handler returns. It is
	// not called after Close.
	Disconnected func(reason string, silence time.Duration)
	// Input and Control take one message of the channel of that name. The
	// bytes are the handler's.
	Input   func(msg []byte)
	Control func(msg []byte)
	// Voice takes one packet of Opus that the client sends, with its RTP sequence
	// number; nil bytes after 3 s without one. It is called from a goroutine of
	// its own, and the bytes are valid until it returns. Nil: nobody listens.
	Voice func(sequence uint16, opus []byte)
	// KeyFrame: the client, or a drop on the way to it, needs a key frame. At
	// most once a second.
	KeyFrame func()
	// Estimate: what the path carries, in bits a second, has changed.
	Estimate func(bps int)
	// Sent: a frame has left. Unlike the others it is called from the sending
	// goroutine, so it must return at once and guard what it shares.
	Sent func(SentFrame)
}

// signals are what has happened since the loop last looked. They merge, so
// they need no queue: only the newest of each matters.
type signals struct {
	connected bool
	keyFrame  bool
	estimate  int           // 0 when it has not changed
	ended     string        // the reason, once the connection has ended
	silence   time.Duration // of the client, before the end
}

// events is the loop that calls the handlers, and what feeds it.
type events struct {
	h       Handlers
	input   chan []byte
	control chan []byte
	wake    chan struct{} // one token: the signals have changed

	mu      sync.Mutex
	pending signals

	messages, oversize, overflow atomic.Uint64
	flooded                      atomic.Uint64 // input left out, and times that control had to wait
	channels                     atomic.Uint64 // that the client has opened
}

func newEvents(h Handlers) *events {
	return &events{
		h:       h,
		input:   make(chan []byte, messageQueue),
		control: make(chan []byte, controlQueue),
		wake:    make(chan struct{}, 1),
	}
}

func (e *events) signal(set func(*signals)) {
	e.mu.Lock()
	set(&e.pending)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default: // a token is there: the loop will see this change with it
	}
}

func (e *events) connected()       { e.signal(func(s *signals) { s.connected = true }) }
func (e *events) keyFrame()        { e.signal(func(s *signals) { s.keyFrame = true }) }
func (e *events) estimate(bps int) { e.signal(func(s *signals) { s.estimate = bps }) }

// ended keeps the first reason: what follows is its consequence.
func (e *events) ended(reason string, silence time.Duration) {
	e.signal(func(s *signals) {
		if s.ended == "" {
			s.ended, s.silence = reason, silence
		}
	})
}

// pushInput queues a message and never waits.
func (e *events) pushInput(msg []byte) {
	for {
		select {
		case e.input <- msg:
			return
		default:
		}
		select {
		case <-e.input:
			e.overflow.Add(1)
		default: // the loop has made room
		}
	}
}

// pushControl queues a message, and waits for room until quit is closed.
func (e *events) pushControl(quit <-chan struct{}, msg []byte) {
	select {
	case e.control <- msg:
		return
	default:
		e.flooded.Add(1)
	}
	select {
	case e.control <- msg:
	case <-quit:
	}
}

// loop is one run of the handlers.
type loop struct {
	*events
	isConnected bool
	lastKey     time.Time
	keyTimer    *time.Timer
	tick        func() // each reportInterval while connected
	input       valve
	control     valve
	refill      *time.Timer // when a valve that is shut may be opened
}

// run calls the handlers until quit is closed or the connection ends. A
// connection that is not there within limit has ended.
func (e *events) run(quit <-chan struct{}, limit time.Duration, tick func()) {
	l := &loop{
		events: e, tick: tick, keyTimer: time.NewTimer(time.Hour), refill: time.NewTimer(time.Hour),
		input:   valve{bucket: newBucket(inputRate, inputBurst), queue: e.input},
		control: valve{bucket: newBucket(controlRate, controlBurst), queue: e.control},
	}
	for _, timer := range []*time.Timer{l.keyTimer, l.refill} {
		timer.Stop()
		defer timer.Stop()
	}
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	ticker := time.NewTicker(reportInterval)
	defer ticker.Stop()
	for !l.deliver() {
		input, control := l.queues()
		select {
		case <-quit:
			return
		case <-e.wake:
		case <-l.keyTimer.C:
		case <-l.refill.C:
		case msg := <-input:
			l.input.take(time.Now())
			msg, left := l.input.newest(msg)
			e.flooded.Add(uint64(left))
			l.message(e.h.Input, msg)
		case msg := <-control:
			l.control.take(time.Now())
			l.message(e.h.Control, msg)
		case <-ticker.C:
			if l.isConnected {
				l.tick()
			}
		case <-deadline.C:
			if !l.isConnected {
				e.ended(fmt.Sprintf("the client did not connect within %v", limit), limit)
			}
		}
	}
}

// deliver calls the handlers of what is pending, and says whether the end was
// among it.
func (l *loop) deliver() (ended bool) {
	now := time.Now()
	l.mu.Lock()
	s := l.pending
	l.pending = signals{}
	wait := keyFrameInterval - now.Sub(l.lastKey)
	if s.keyFrame && (!s.connected && !l.isConnected || !l.lastKey.IsZero() && wait > 0) {
		l.pending.keyFrame, s.keyFrame = true, false
		if l.isConnected {
			l.keyTimer.Reset(wait)
		}
	}
	l.mu.Unlock()

	if s.connected && !l.isConnected {
		l.isConnected = true
		call(l.h.Connected)
	}
	if s.estimate != 0 && l.h.Estimate != nil {
		l.h.Estimate(s.estimate)
	}
	if s.keyFrame {
		l.lastKey = now
		call(l.h.KeyFrame)
	}
	if s.ended != "" && l.h.Disconnected != nil {
		l.h.Disconnected(s.ended, s.silence)
	}
	return s.ended != ""
}

// queues are those of which a message may be taken now. They are nil, and so
// not read, until Connected and while messages come too fast.
func (l *loop) queues() (input, control <-chan []byte) {
	if !l.isConnected {
		return nil, nil
	}
	now := time.Now()
	input, inputWait := l.input.open(now)
	control, controlWait := l.control.open(now)
	if wait := max(inputWait, controlWait); wait > 0 {
		if inputWait > 0 && controlWait > 0 {
			wait = min(inputWait, controlWait)
		}
		l.refill.Reset(wait)
	}
	return input, control
}

func (l *loop) message(handle func([]byte), msg []byte) {
	l.messages.Add(1)
	if handle != nil {
		handle(msg)
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}
