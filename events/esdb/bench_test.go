package esdb_test

import (
	"bytes"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// BenchmarkFollow follows a log from its start to its end, node and client in
// one process, and reports the processor's time of both.
func BenchmarkFollow(b *testing.B) {
	const calls, each = 40, 500
	store := open(b, start(b, b.TempDir(), "127.0.0.1:0").ConnectionString())
	for range calls {
		batch := make([]events.Proposed, each)
		for i := range batch { // as long as those of a simulation, in the mean
			batch[i] = events.Proposed{ID: events.EventID(uuid.New()), Type: "Tested", Data: bytes.Repeat([]byte("x"), 169), Metadata: bytes.Repeat([]byte("x"), 207)}
		}
		if _, err := store.Append(b.Context(), events.Stream("test-"+uuid.NewString()), events.NoStream(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got := follow(b, store); got != calls*each {
			b.Fatalf("%d events were delivered, want %d", got, calls*each)
		}
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	used := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	count := float64(calls * each * b.N)
	b.ReportMetric(count/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(used.Nanoseconds())/count, "cpu-ns/event")
}

// follow counts the events up to the head.
func follow(b *testing.B, store events.Store) (count int) {
	sub, err := store.Subscribe(b.Context(), events.Start)
	if err != nil {
		b.Fatal(err)
	}
	defer sub.Close()
	for {
		d, err := sub.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if d.CaughtUp() {
			return count
		}
		count++
	}
}
