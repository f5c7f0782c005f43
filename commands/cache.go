package commands

import (
	"container/list"
	"context"
	"sync"

	"github.com/playcast/playcast/events"
)

// cached bounds the streams that a handler remembers. Of the others it reads
// what there is, as for the first time.
const cached = 4096

// cache remembers streams as the handler's last command on them left them, and
// lets the commands of one stream come one after the other: at once they would
// only be each other's conflicts.
type cache struct {
	bound int

	mu     sync.Mutex
	places map[events.Stream]*place
	order  *list.List // of *place, the last used first
}

// place is where the commands of a stream take turns.
type place struct {
	stream  events.Stream
	turn    chan struct{} // holds one: whoever put it in owns fold
	fold    fold
	users   int // in the turn and waiting for it; with element under the cache's lock
	element *list.Element
}

func newCache(bound int) *cache {
	return &cache{bound: bound, places: map[events.Stream]*place{}, order: list.New()}
}

// enter waits for the stream's turn. Leave ends it.
func (c *cache) enter(ctx context.Context, stream events.Stream) (*place, error) {
	p := c.use(stream)
	select {
	case p.turn <- struct{}{}:
		return p, nil
	case <-ctx.Done():
		c.unuse(p)
		return nil, ctx.Err()
	}
}

func (c *cache) leave(p *place) {
	<-p.turn
	c.unuse(p)
}

func (c *cache) use(stream events.Stream) *place {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.places[stream]
	if p == nil {
		p = &place{stream: stream, turn: make(chan struct{}, 1)}
		p.element = c.order.PushFront(p)
		c.places[stream] = p
	} else {
		c.order.MoveToFront(p.element)
	}
	p.users++
	return p
}

// unuse forgets the streams that were not used for longest, past the bound.
// Those that are in use stay.
func (c *cache) unuse(p *place) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.users--
	for e := c.order.Back(); e != nil && c.order.Len() > c.bound; {
		oldest, before := e.Value.(*place), e.Prev()
		if oldest.users == 0 {
			c.order.Remove(e)
			delete(c.places, oldest.stream)
		}
		e = before
	}
}

// fold is a stream as far as it is known. The zero value knows nothing.
type fold struct {
	state    any // the aggregate's; nil: nothing is known, not even that the stream is empty
	expected events.Expected
	last     events.Position
	id       events.EventID // of the last event
	recent   recent
	behind   bool // the stream has gone on, or may have

	snapshots bool   // are kept of the stream
	snapshot  uint64 // how many events are in the last one
}

// recall is how many of a stream's last commands a fold knows by their ids.
const recall = 256

// recent is the last commands that had an effect, in a ring.
type recent struct {
	done    []carriedOut
	next    int  // in done, once it is full
	dropped bool // an older one than the oldest here
}

type carriedOut struct {
	command events.CommandID
	effect  events.Position // of its last event
}

// add notes an event of a command. The events of a command are neighbours.
func (r *recent) add(command events.CommandID, at events.Position) {
	newest := len(r.done) - 1
	if r.dropped || r.next > 0 {
		newest = (r.next + recall - 1) % recall
	}
	switch {
	case newest >= 0 && r.done[newest].command == command:
		r.done[newest].effect = at
	case len(r.done) < recall:
		r.done = append(r.done, carriedOut{command, at})
	default:
		r.done[r.next] = carriedOut{command, at}
		r.next = (r.next + 1) % recall
		r.dropped = true
	}
}

// find returns the position of a command's last event.
func (r *recent) find(command events.CommandID) (events.Position, bool) {
	for _, c := range r.done {
		if c.command == command {
			return c.effect, true
		}
	}
	return 0, false
}
