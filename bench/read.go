package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// streamEvents is how long the stream is that is read.
const streamEvents = 100_000

// readStream fills a stream, which isn't measured, and reads it from end to
// end as often as there is time.
func (r *run) readStream(ctx context.Context) error {
	stream := streamName("read")
	const perCall = 500
	for range streamEvents / perCall {
		if err := r.append(ctx, stream, perCall); err != nil {
			return err
		}
	}
	r.written += streamEvents
	perSecond, err := r.reads(func() (*esdb.ReadStream, error) {
		return r.client.ReadStream(ctx, stream, esdb.ReadStreamOptions{From: esdb.Start{}}, streamEvents)
	})
	r.figures.ReadStream = perSecond
	return err
}

// readAll reads the log from its start, as often as there is time.
func (r *run) readAll(ctx context.Context) error {
	perSecond, err := r.reads(func() (*esdb.ReadStream, error) {
		return r.client.ReadAll(ctx, esdb.ReadAllOptions{From: esdb.Start{}}, uint64(r.written))
	})
	r.figures.ReadAll = perSecond
	return err
}

// reads opens the read again and again and returns the events in a second.
func (r *run) reads(open func() (*esdb.ReadStream, error)) (float64, error) {
	began, count := time.Now(), 0
	for time.Since(began) < r.Phase {
		read, err := open()
		if err != nil {
			return 0, err
		}
		n, err := drain(read, began.Add(r.Phase))
		if count += n; err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errors.New("nothing was read")
		}
	}
	return float64(count) / time.Since(began).Seconds(), nil
}

// drain counts the events up to the end of the read or of the time.
func drain(read *esdb.ReadStream, end time.Time) (int, error) {
	defer read.Close()
	for n := 0; ; n++ {
		switch _, err := read.Recv(); {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
		if n%1024 == 0 && time.Now().After(end) {
			return n + 1, nil
		}
	}
}

// Subscriptions are measured at this many events a second, from this many
// writers: enough that none is late for its turn while another one syncs.
const (
	subscribeRate    = 1000
	subscribeWriters = 16
)

// delays matches the acknowledgement of each append with its delivery,
// whichever comes first.
type delays struct {
	mu           sync.Mutex
	acknowledged map[uuid.UUID]time.Time
	delivered    map[uuid.UUID]time.Time
	took         []time.Duration
	complete     chan struct{} // closed with the last expected delivery
	expected     int
}

// note keeps one side of an event and counts it when the other is there. What
// was delivered before the append was acknowledged took no time.
func (d *delays) note(id uuid.UUID, own, other map[uuid.UUID]time.Time, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	own[id] = at
	if _, ok := other[id]; !ok {
		return
	}
	d.took = append(d.took, max(0, d.delivered[id].Sub(d.acknowledged[id])))
	delete(d.acknowledged, id)
	delete(d.delivered, id)
	if len(d.took) == d.expected {
		close(d.complete)
	}
}

// subscribe measures from the acknowledgement of an append to its delivery to
// a subscription to $all.
func (r *run) subscribe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*r.Phase+30*time.Second)
	defer cancel()
	subscription, err := r.client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{From: esdb.End{}})
	if err != nil {
		return err
	}
	d := &delays{acknowledged: map[uuid.UUID]time.Time{}, delivered: map[uuid.UUID]time.Time{},
		complete: make(chan struct{}), expected: int(r.Phase.Seconds() * subscribeRate)}
	dropped := make(chan error, 1)
	go func() { dropped <- d.receive(subscription) }()
	if err = r.paced(ctx, d); err == nil {
		select {
		case <-d.complete:
		case <-ctx.Done():
			err = fmt.Errorf("%d of %d events were delivered: %w", len(d.took), d.expected, ctx.Err())
		}
	}
	cancel()
	err = errors.Join(err, subscription.Close())
	<-dropped // its reason is the cancel, or the one that already failed the run
	r.written += d.expected
	r.figures.SubscribeP99 = milliseconds(quantile(d.took, 0.99))
	return err
}

func (d *delays) receive(subscription *esdb.Subscription) error {
	for {
		e := subscription.Recv()
		switch at := time.Now(); {
		case e.SubscriptionDropped != nil:
			return e.SubscriptionDropped.Error
		case e.EventAppeared != nil && e.EventAppeared.OriginalEvent().EventType == "Benched":
			d.note(e.EventAppeared.OriginalEvent().EventID, d.delivered, d.acknowledged, at)
		}
	}
}

// paced appends at the rate, by the clock: a writer that is late catches up.
func (r *run) paced(ctx context.Context, d *delays) error {
	began := time.Now()
	return parallel(subscribeWriters, func(w int) error {
		stream := streamName("paced")
		for i := w; i < d.expected; i += subscribeWriters {
			due := began.Add(time.Duration(i) * time.Second / subscribeRate)
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return ctx.Err()
			}
			batch := proposed(1)
			if _, err := r.client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, batch...); err != nil {
				return err
			}
			d.note(batch[0].EventID, d.acknowledged, d.delivered, time.Now())
		}
		return nil
	})
}
