package competing

import (
	"math"
	"slices"
	"time"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// message is an event on its way through a group.
//
//	source ─▶ ahead ─▶ in flight at a consumer ─▶ done: acknowledged, skipped, parked
//	            parked ─▶ again ◀──────┘ failed, timed out, or its consumer left
type message struct {
	event   *eventlog.Record // nil where the link leads nowhere
	link    *eventlog.Record // nil where the event was not reached by one
	place   int64            // in the source; replayed for one from the parked stream
	parked  int64            // its revision in the parked stream; -1 for one from the source
	retries int
	size    int
	bucket  int // what Pinned strategies choose by
	sent    time.Time
}

// replayed is the place of what comes from the parked stream: before all else.
const replayed = math.MinInt64

// original is the event that the group's source holds, and whose id a consumer
// acknowledges.
func (m *message) original() *eventlog.Record {
	if m.link != nil {
		return m.link
	}
	return m.event
}

// clone copies a record out of its page, so that it lives as long as it must.
func clone(r *eventlog.Record) *eventlog.Record {
	c := *r
	held := make([]byte, 0, len(r.Stream)+len(r.Type)+len(r.Metadata)+len(r.Data))
	keep := func(b []byte) []byte {
		start := len(held)
		held = append(held, b...)
		return held[start:len(held):len(held)]
	}
	c.Stream, c.Type, c.Metadata, c.Data = keep(r.Stream), keep(r.Type), keep(r.Metadata), keep(r.Data)
	return &c
}

// follow reads the event that a link names; nil where that is gone or never was.
func follow(log *eventlog.Log, link *eventlog.Record) (*eventlog.Record, error) {
	stream, revision, ok := eventlog.ParseLink(link.Data)
	if !ok {
		return nil, nil
	}
	var page eventlog.Page
	r, err := log.Event(&page, stream, revision)
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// queue holds what waits for a consumer: first what is given out again, then
// what was read ahead, each in the order of the source.
type queue struct {
	again []*message // sorted by place
	ahead []*message
	bytes int // of all messages that the group holds, in flight too
}

func (q *queue) addAgain(m *message) {
	at, _ := slices.BinarySearchFunc(q.again, m, func(a, b *message) int {
		switch {
		case a.place < b.place || a.place == b.place && a.parked <= b.parked:
			return -1
		default:
			return 1
		}
	})
	q.again = slices.Insert(q.again, at, m)
}

// offer gives every waiting message to take, in order, and keeps those that it
// does not take. It ends early where more says that nothing can be taken.
func (q *queue) offer(take func(*message) bool, more func() bool) {
	q.again = offer(q.again, take, more)
	q.ahead = offer(q.ahead, take, more)
}

func offer(waiting []*message, take func(*message) bool, more func() bool) []*message {
	kept, i := 0, 0
	for ; i < len(waiting) && more(); i++ {
		if m := waiting[i]; !take(m) {
			waiting[kept] = m
			kept++
		}
	}
	if kept == i {
		return waiting
	}
	return slices.Delete(waiting, kept, i)
}
