package feed

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"github.com/playcast/playcast/events"
)

// Partition says how a handler is shared out. The zero value is 4 workers and a
// window of 256.
type Partition struct {
	Workers int             // events that are handled at once; 0: 4
	Window  int             // events that are taken and not yet done; 0: 256
	After   events.Position // up to which all is done already
	// Around is what an attempt is made in, such as Poison.Skip: while it pauses,
	// its worker is free for others. Nil: nothing.
	Around message.HandlerMiddleware
	// Patience is with what comes out of Around as an error; its Attempts do not
	// count.
	Patience Patience
}

// Partitioned runs a handler over several workers where the order within each
// stream is enough: the events of a stream are handled one after the other, those
// of different streams side by side, each until it is done.
//
//	Handle ─▶ a queue a stream ─▶ Around ─▶ one of the workers ─▶ handler
//
// An event that fails holds up its own stream alone, until Around gives it up or
// it succeeds. The events that are taken and not done are bounded by the window
// for all streams together: past that Handle waits, and with it the feed.
//
// A message is acknowledged when it is taken. So who needs it to be handled by a
// later run starts that after the Checkpoint.
type Partitioned struct {
	config  Partition
	attempt message.HandlerFunc
	room    chan struct{} // holds one for each event that is taken and not done
	workers chan struct{} // holds one for each that is busy
	ctx     context.Context
	cancel  context.CancelFunc
	group   sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	taken   events.Position           // of the last event that came in its turn
	done    events.Position           // up to which all are done
	open    []*work                   // of those that came in their turn, from the first not done
	streams map[events.Stream][]*work // the first of each is being handled
}

// work is an event on its way.
type work struct {
	msg  *message.Message
	at   events.Position
	done bool
}

// NewPartitioned returns a handler shared out, to be closed.
func NewPartitioned(config Partition, handle message.NoPublishHandlerFunc) *Partitioned {
	p := &Partitioned{
		config: config, taken: config.After, done: config.After, streams: map[events.Stream][]*work{},
		room: make(chan struct{}, cmp.Or(config.Window, 256)), workers: make(chan struct{}, cmp.Or(config.Workers, 4)),
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.attempt = middleware.Recoverer(p.byWorker(handle))
	if config.Around != nil {
		p.attempt = config.Around(p.attempt)
	}
	return p
}

// byWorker has an attempt wait for a worker.
func (p *Partitioned) byWorker(handle message.NoPublishHandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		select {
		case p.workers <- struct{}{}:
		case <-p.ctx.Done():
			return nil, p.ctx.Err()
		}
		defer func() { <-p.workers }()
		return nil, handle(msg)
	}
}

// Handle takes the next message of the log, or a Replayed one, and returns when
// there is room for it. One that comes again is not taken twice. Errors: those of
// the message's context, or that the handler is closed. It has one caller at a
// time.
func (p *Partitioned) Handle(msg *message.Message) error {
	d, err := Unpack(msg)
	if err != nil {
		return err
	}
	if d.CaughtUp() {
		p.caughtUp(d.Position)
		return nil
	}
	select {
	case p.room <- struct{}{}:
	case <-msg.Context().Done():
		return msg.Context().Err()
	case <-p.ctx.Done():
		return errClosed
	}
	own := msg.Copy()
	own.SetContext(p.ctx) // the message's own ends when it is acknowledged
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &work{msg: own, at: d.Position}
	switch replayed := Replayed(msg); {
	case p.closed:
		<-p.room
		return errClosed
	case !replayed && d.Position <= p.taken:
		<-p.room
		return nil
	case !replayed:
		p.taken, p.open = d.Position, append(p.open, w)
	}
	queue, busy := p.streams[d.Event.Stream]
	p.streams[d.Event.Stream] = append(queue, w)
	if !busy {
		p.group.Go(func() { p.run(d.Event.Stream, w) })
	}
	return nil
}

// errClosed is answered by a handler that takes no more.
var errClosed = errors.New("the handler is closed")

// caughtUp passes what was of no interest at the end of the log.
func (p *Partitioned) caughtUp(position events.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == 0 {
		p.taken, p.done = max(p.taken, position), max(p.done, position)
	}
}

// run handles a stream's events until there is none.
func (p *Partitioned) run(stream events.Stream, w *work) {
	for more := true; more; {
		for n := 1; ; n++ {
			if _, err := p.attempt(w.msg); err == nil {
				break
			}
			if p.config.Patience.rest(p.ctx, n) != nil {
				return // a later run begins with it
			}
		}
		w, more = p.finish(stream, w)
	}
}

// finish moves the checkpoint on and returns the stream's next event.
func (p *Partitioned) finish(stream events.Stream, w *work) (next *work, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	<-p.room
	w.done = true
	for len(p.open) > 0 && p.open[0].done {
		p.done, p.open[0] = p.open[0].at, nil
		p.open = p.open[1:]
	}
	queue := p.streams[stream][1:]
	if len(queue) == 0 {
		delete(p.streams, stream)
		return nil, false
	}
	p.streams[stream] = queue
	return queue[0], true
}

// Checkpoint is the position up to which every event is done, of those that came
// in their turn. What is replayed does not count: it is kept elsewhere.
func (p *Partitioned) Checkpoint() events.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// Close gives up what is not done, and waits for what is being handled.
func (p *Partitioned) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.group.Wait()
}
