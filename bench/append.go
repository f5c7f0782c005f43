package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// eventBytes is the data of every event that is appended.
const eventBytes = 300

var payload = append(append([]byte(`{"pad":"`), bytes.Repeat([]byte("x"), eventBytes-10)...), `"}`...)

func proposed(n int) []esdb.EventData {
	batch := make([]esdb.EventData, n)
	for i := range batch {
		batch[i] = esdb.EventData{EventID: uuid.New(), EventType: "Benched", ContentType: esdb.ContentTypeJson, Data: payload}
	}
	return batch
}

func (r *run) append(ctx context.Context, stream string, n int) error {
	_, err := r.client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, proposed(n)...)
	return err
}

func streamName(kind string) string { return "bench_" + kind + "-" + uuid.NewString() }

// appendOne measures how long a call takes when nothing else happens.
func (r *run) appendOne(ctx context.Context) error {
	stream := streamName("one")
	var took []time.Duration
	for began := time.Now(); time.Since(began) < r.Phase; {
		call := time.Now()
		if err := r.append(ctx, stream, 1); err != nil {
			return err
		}
		took = append(took, time.Since(call))
	}
	r.written += len(took)
	r.figures.AppendSeqP50 = milliseconds(quantile(took, 0.50))
	r.figures.AppendSeqP99 = milliseconds(quantile(took, 0.99))
	return nil
}

func (r *run) append64(ctx context.Context) (err error) {
	r.figures.Append64, err = r.writers(ctx, 64, 1)
	return err
}

func (r *run) appendBatches(ctx context.Context) (err error) {
	r.figures.AppendBatch, err = r.writers(ctx, 8, 100)
	return err
}

// writers appends with several writers at once, each to a stream of its own,
// and returns the events acknowledged in a second. The first fifth of the time
// warms up and is not counted.
func (r *run) writers(ctx context.Context, writers, perCall int) (float64, error) {
	warm := time.Now().Add(r.Phase / 5)
	end := warm.Add(r.Phase)
	var counted, all atomic.Int64
	err := parallel(writers, func(int) error {
		stream := streamName("many")
		for {
			if err := r.append(ctx, stream, perCall); err != nil {
				return err
			}
			all.Add(int64(perCall))
			switch now := time.Now(); {
			case now.After(end):
				return nil
			case now.After(warm):
				counted.Add(int64(perCall))
			}
		}
	})
	r.written += int(all.Load())
	return float64(counted.Load()) / r.Phase.Seconds(), err
}

// fill appends until the store holds the events that a start is measured on.
func (r *run) fill(ctx context.Context, connection string) (err error) {
	if r.client, err = connect(connection); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.client.Close()) }()
	const perCall, writers = 500, 8
	var left atomic.Int64
	left.Store(int64(r.Events - r.written))
	r.written = max(r.written, r.Events)
	return parallel(writers, func(int) error {
		for {
			n := min(perCall, left.Add(-perCall)+perCall)
			if n <= 0 {
				return nil
			}
			if err := r.append(ctx, streamName("fill"), int(n)); err != nil {
				return err
			}
		}
	})
}

// parallel runs n workers, waits for them all and returns the first error.
func parallel(n int, worker func(i int) error) error {
	var group sync.WaitGroup
	errs := make(chan error, n)
	for i := range n {
		group.Go(func() { errs <- worker(i) })
	}
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// syncFloor measures what no store can be faster than: a write of an event to
// the end of a file, and its fdatasync.
func (r *run) syncFloor() (err error) {
	r.Progress("a bare fdatasync")
	name := filepath.Join(r.Dir, "bench-sync-"+uuid.NewString())
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(name)) }()
	took := make([]time.Duration, 500)
	for i := range took {
		began := time.Now()
		if _, err := file.Write(payload); err != nil {
			return err
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return fmt.Errorf("fdatasync: %w", err)
		}
		took[i] = time.Since(began)
	}
	r.figures.SyncFloor = new(1000 * milliseconds(quantile(took, 0.50)))
	return nil
}

// quantile sorts its argument. That of nothing is 0.
func quantile(took []time.Duration, q float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(int(q*float64(len(took))), len(took)-1)]
}
