// Package feed carries the log to its readers: by a Fan, for projections that
// keep checkpoints of their own, and as a Watermill subscriber and publisher,
// for reactions.
//
// Ordering is that of the log. A run of a Fan holds what there is since the one
// before and waits for nothing more; a Watermill message is delivered again until
// it is acknowledged, before the next one.
//
// An event that can't be handled stops or is skipped, by what its handler is.
// One that folds state, as policies do, must not skip any: what follows may build
// on it. It Insists, stands at that event, and says which it is. One whose
// reaction to each event stands for itself (what a worker does with its sessions,
// what is sent or erased outside) has Poison: after a few attempts the event is
// recorded in the stream poison-<handler>, and the next one is handled. There an
// operator finds it, who has it handled again or drops it. Where the order within
// each stream is enough, such a handler may be Partitioned besides, so that one
// event that fails holds up its own stream alone.
//
//	policies ────────── Insist ─▶ handler
//	a worker's ──────── Poison.Replays ─▶ Poison.Skip ─▶ handler
//	what is outside ─── Poison.Replays ─▶ Partitioned ─▶ Poison.Skip ─▶ handler
package feed

import (
	"context"
	"errors"
	"sync"

	"github.com/playcast/playcast/events"
)

// The most of the log that a Fan keeps: links of so many events.
const (
	linkSize = 512
	links    = 128
)

// Fan reads the log once for several readers in one process, each of which is
// at a place of its own.
//
//	store ─▶ link ─▶ link ─▶ link ─▶ …      the last of the log, in memory
//	           ▲              ▲
//	        reader         reader           those before it read for themselves
//
// A reader that falls behind what is kept goes on by a subscription of its own
// until it is level again: it holds nobody up. In a Fan that waits it holds up
// the reading instead, so that all go together; that is for readers that start
// together and are to end together.
//
// The reading begins with the first Next, and ends with the last Close.
type Fan struct {
	store events.Store
	waits bool

	mu      sync.Mutex
	moved   *sync.Cond // a reader has: for the reading that waits
	readers map[*Reader]struct{}
	oldest  *link // nil: nothing is being read
	newest  *link
	cancel  context.CancelFunc
	ended   chan struct{}
}

// link is a run of neighbouring events, and what follows.
type link struct {
	number int
	run    Run
	err    error // of the reading, which has ended with it

	ready chan struct{} // closed when next is there
	next  *link
}

// Run is a run of neighbouring events, as a Reader gets it.
type Run struct {
	Events   []*Event        // may be empty: nothing up to Position
	Position events.Position // up to which everything was seen
}

// Event is an event that is decoded once, whoever asks first.
type Event struct {
	events.Recorded

	once    sync.Once
	decoded events.Event
	meta    events.Metadata
	err     error
}

// Decode is events.Decode, of the event without U+0000 in its texts.
func (e *Event) Decode() (events.Event, events.Metadata, error) {
	e.once.Do(func() { e.decoded, e.meta, e.err = events.Decode(withoutNUL(e.Recorded)) })
	return e.decoded, e.meta, e.err
}

// NewFan returns a fan of a store. waits: no reader is left behind.
func NewFan(store events.Store, waits bool) *Fan {
	f := &Fan{store: store, waits: waits, readers: map[*Reader]struct{}{}}
	f.moved = sync.NewCond(&f.mu)
	return f
}

// Reader is one reader's place in the log. It has one user at a time, who
// closes it.
type Reader struct {
	fan   *Fan
	after events.Position
	at    *link   // the last one that was read; nil: it is not on the fan
	err   error   // why the reading has ended, to be told
	own   *Reader // of a fan of its own, while it is not on this one
}

// Reader returns a reader of what follows a position.
func (f *Fan) Reader(after events.Position) *Reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &Reader{fan: f, after: after}
	f.readers[r] = struct{}{}
	f.attach(r)
	return r
}

// attach puts a reader where it is, if that is kept.
func (f *Fan) attach(r *Reader) {
	if f.oldest == nil || r.after < f.oldest.run.Position {
		return
	}
	r.at = f.oldest
	for next := r.at.following(); next != nil && next.err == nil && next.run.Position <= r.after; next = r.at.following() {
		r.at = next
	}
}

// following is the next link, where there is one already.
func (l *link) following() *link {
	select {
	case <-l.ready:
		return l.next
	default:
		return nil
	}
}

// Next waits for what follows, and returns all there is of it, up to about size
// events. An error is the store's, or the context's; the reader can be used on.
func (r *Reader) Next(ctx context.Context, size int) (Run, error) {
	from, err := r.place()
	if err != nil {
		return Run{}, err
	}
	if from == nil {
		return r.nextAlone(ctx, size)
	}
	select {
	case <-from.ready:
	case <-ctx.Done():
		return Run{}, ctx.Err()
	}
	at, out := from, Run{Position: r.after}
	for next := at.following(); next != nil && len(out.Events) < size; next = at.following() {
		if next.err != nil {
			if len(out.Events) > 0 {
				break // what is there comes first
			}
			_, err := r.place() // which tells it once
			return Run{Position: r.after}, err
		}
		out.take(next.run, r.after)
		at = next
	}
	r.fan.mu.Lock()
	defer r.fan.mu.Unlock()
	r.after = max(r.after, out.Position)
	if r.at == from { // else it was left behind, or the reading has ended
		r.at = at
	}
	r.fan.moved.Broadcast()
	return out, nil
}

// take appends what of a run follows a position.
func (b *Run) take(more Run, after events.Position) {
	rest := more.Events
	for len(rest) > 0 && rest[0].Position <= after {
		rest = rest[1:]
	}
	if b.Events == nil {
		b.Events = rest[:len(rest):len(rest)]
	} else {
		b.Events = append(b.Events, rest...)
	}
	b.Position = max(b.Position, more.Position)
}

// place is where the reader is on the fan, whose reading it begins if nobody
// has; nil: it has to read for itself.
func (r *Reader) place() (*link, error) {
	f := r.fan
	f.mu.Lock()
	if _, open := f.readers[r]; !open {
		f.mu.Unlock()
		return nil, errReaderClosed
	}
	err := r.err
	r.err = nil
	if err == nil && f.oldest == nil {
		f.begin()
	}
	if err == nil && r.at == nil {
		f.attach(r)
	}
	at := r.at
	f.mu.Unlock()
	if at != nil && r.own != nil {
		r.own.Close()
		r.own = nil
	}
	return at, err
}

var errReaderClosed = errors.New("the reader is closed")

func (r *Reader) nextAlone(ctx context.Context, size int) (Run, error) {
	if r.own == nil {
		r.own = NewFan(r.fan.store, true).Reader(r.after)
	}
	out, err := r.own.Next(ctx, size)
	r.fan.mu.Lock()
	defer r.fan.mu.Unlock()
	r.after = max(r.after, out.Position)
	return out, err
}

// Close ends the reader. The last one of a fan waits for the reading's end.
func (r *Reader) Close() {
	f := r.fan
	f.mu.Lock()
	delete(f.readers, r)
	r.at = nil
	own, ended, cancel := r.own, f.ended, f.cancel
	last := len(f.readers) == 0
	f.moved.Broadcast()
	f.mu.Unlock()
	if own != nil {
		own.Close()
	}
	if last && cancel != nil {
		cancel()
		<-ended
	}
}

// begin starts to read: where the first of the readers is, or, if the fan does
// not wait, the last.
func (f *Fan) begin() {
	var after events.Position
	first := true
	for r := range f.readers {
		if first || f.waits == (r.after < after) {
			after, first = r.after, false
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	f.oldest = &link{run: Run{Position: after}, ready: make(chan struct{})}
	f.newest, f.cancel, f.ended = f.oldest, cancel, ended
	for r := range f.readers {
		f.attach(r)
	}
	stop := context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.moved.Broadcast()
	})
	go func() {
		defer close(ended)
		defer stop()
		defer cancel()
		f.end(follow(ctx, f.store, after, linkSize, f.add))
	}()
}

// add appends a link, and lets go of the oldest. An event that was delivered
// before is left out.
func (f *Fan) add(ctx context.Context, b batch) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := f.newest.run.Position
	run := Run{Events: make([]*Event, 0, len(b.events))}
	for _, e := range b.events {
		if e.Position > last {
			last = e.Position
			run.Events = append(run.Events, &Event{Recorded: e})
		}
	}
	run.Position = max(b.position, last)
	for f.waits && ctx.Err() == nil && f.slowest() <= f.newest.number-links {
		f.moved.Wait()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.append(&link{run: run})
	if f.newest.number-f.oldest.number > links {
		f.oldest = f.oldest.next
	}
	for r := range f.readers {
		if r.at != nil && r.at.number < f.oldest.number {
			r.at = nil
		}
	}
	return nil
}

func (f *Fan) append(l *link) {
	l.number, l.ready = f.newest.number+1, make(chan struct{})
	f.newest.next = l
	close(f.newest.ready)
	f.newest = l
}

// slowest is the number of the link that the last reader on the fan is at.
func (f *Fan) slowest() int {
	slowest := f.newest.number
	for r := range f.readers {
		if r.at != nil {
			slowest = min(slowest, r.at.number)
		}
	}
	return slowest
}

// end tells the readers why there is no more. The next Next reads again.
func (f *Fan) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		err = events.ErrStoreClosed
	}
	for r := range f.readers {
		if r.at != nil {
			r.at, r.err = nil, err
		}
	}
	f.append(&link{err: err})
	f.oldest, f.newest, f.cancel = nil, nil, nil
}
