package main

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"

	"github.com/playcast/playcast/events"
)

// lot is what is appended to one stream at once.
type lot struct {
	stream events.Stream
	batch  []events.Proposed
}

// atOnce bounds the events of a lot.
const atOnce = 500

// lots are events in the order in which they are to be appended: that of each
// stream. Its error is that of the first which could not be encoded.
type lots struct {
	all []lot
	of  map[events.Stream]int // the stream's last lot
	err error
}

func (l *lots) add(stream events.Stream, e events.Proposed) {
	if l.of == nil {
		l.of = map[events.Stream]int{}
	}
	i, open := l.of[stream]
	if !open || len(l.all[i].batch) == atOnce {
		i = len(l.all)
		l.of[stream] = i
		l.all = append(l.all, lot{stream: stream})
	}
	l.all[i].batch = append(l.all[i].batch, e)
}

// append appends all, streams side by side, and returns the position of the last
// event.
func (l *lots) append(ctx context.Context, store events.Store) (events.Position, error) {
	if l.err != nil {
		return 0, l.err
	}
	const writers = 16
	shares := make([][]lot, writers)
	for _, one := range l.all {
		h := fnv.New32a()
		h.Write([]byte(one.stream))
		w := h.Sum32() % writers
		shares[w] = append(shares[w], one)
	}
	var group sync.WaitGroup
	reached, failed := make([]events.Position, writers), make([]error, writers)
	for w, share := range shares {
		group.Go(func() {
			for _, one := range share {
				at, err := store.Append(ctx, one.stream, events.AnyRevision(), one.batch)
				if failed[w] = err; err != nil {
					return
				}
				reached[w] = max(reached[w], at)
			}
		})
	}
	group.Wait()
	var head events.Position
	for _, at := range reached {
		head = max(head, at)
	}
	return head, errors.Join(failed...)
}
