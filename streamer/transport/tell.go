package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pion/webrtc/v4"
)

const (
	// tellQueue is how many texts may wait for the control channel. When it is
	// full the newest is refused.
	tellQueue = 64
	// tellUnderway is how many bytes of text may be on their way to a client.
	// A client that takes no more keeps what is told it in the queue.
	tellUnderway = 64 << 10
)

var (
	// ErrNoControl says that the client has no control channel open.
	ErrNoControl = errors.New("the client has no control channel open")
	// ErrTellFull refuses a text because too many wait.
	ErrTellFull = errors.New("too many texts wait for the client")
)

// Tell queues a text for the control channel and never waits: texts arrive in
// the order of the calls, those from before the channel opens too. Errors:
// ErrTellFull, ErrPeerClosed.
func (p *Peer) Tell(text string) error {
	if p.ending() {
		return ErrPeerClosed
	}
	select {
	case p.teller.queue <- told{text: text}:
		return nil
	default:
		return ErrTellFull
	}
}

// SendControl is Tell that waits until the client has acknowledged the text.
// Errors: ErrNoControl, ErrPeerClosed, or the context's.
func (p *Peer) SendControl(ctx context.Context, text string) error {
	if p.teller.channel.Load() == nil {
		return ErrNoControl
	}
	taken := make(chan error, 1)
	select {
	case p.teller.queue <- told{text: text, taken: taken}:
	case <-p.quit:
		return ErrPeerClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-taken:
		return err
	case <-p.quit:
		return ErrPeerClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

type told struct {
	text  string
	taken chan error // of one place; nil where nobody waits
}

// teller sends texts on the control channel, one goroutine for all.
type teller struct {
	queue   chan told
	channel atomic.Pointer[webrtc.DataChannel] // nil until the client opens it
	opened  chan struct{}                      // closed when it is there
	once    sync.Once
	less    chan struct{} // one token: less is underway than was
}

func newTeller() *teller {
	return &teller{
		queue:  make(chan told, tellQueue),
		opened: make(chan struct{}),
		less:   make(chan struct{}, 1),
	}
}

// use takes a control channel that has opened; the latest counts.
func (t *teller) use(dc *webrtc.DataChannel) {
	wake := func() {
		select {
		case t.less <- struct{}{}:
		default: // a token is there: the sender will look again
		}
	}
	dc.OnBufferedAmountLow(wake)
	dc.OnClose(wake)
	t.channel.Store(dc)
	t.once.Do(func() { close(t.opened) })
}

// run sends until quit is closed.
func (t *teller) run(quit <-chan struct{}) {
	select {
	case <-t.opened:
	case <-quit:
		return
	}
	for {
		select {
		case next := <-t.queue:
			err := t.send(quit, next)
			if next.taken != nil {
				next.taken <- err
			}
		case <-quit:
			return
		}
	}
}

func (t *teller) send(quit <-chan struct{}, next told) error {
	dc := t.channel.Load()
	t.await(quit, dc, tellUnderway)
	if err := dc.SendText(next.text); err != nil {
		return fmt.Errorf("send on the control channel: %w", err)
	}
	if next.taken != nil {
		t.await(quit, dc, 0)
	}
	return nil
}

// await returns when no more than so many bytes are underway, or nobody will
// take them any more.
func (t *teller) await(quit <-chan struct{}, dc *webrtc.DataChannel, most uint64) {
	for dc.BufferedAmount() > most && dc.ReadyState() == webrtc.DataChannelStateOpen {
		select {
		case <-t.less:
		case <-quit:
			return
		}
	}
}
