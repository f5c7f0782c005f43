package node_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// BenchmarkPersistent reads a stream of 20,000 events through a group whose
// consumers acknowledge one by one, or 20 at a time.
func BenchmarkPersistent(b *testing.B) {
	const count = 20_000
	for _, c := range []struct{ consumers, together int }{{1, 1}, {3, 1}, {1, 20}, {3, 20}} {
		b.Run(fmt.Sprintf("%d-consumers-%d-an-ack", c.consumers, c.together), func(b *testing.B) {
			client := connect(b, open(b, b.TempDir()).ConnectionString())
			stream := unique("bench")
			fill(b, client, stream, count)
			b.ReportAllocs()
			for b.Loop() {
				group := unique("g")
				settings := esdb.SubscriptionSettingsDefault()
				settings.ReadBatchSize = 200
				err := client.CreatePersistentSubscription(b.Context(), stream, group,
					esdb.PersistentStreamSubscriptionOptions{StartFrom: esdb.Start{}, Settings: &settings})
				if err != nil {
					b.Fatal(err)
				}
				consume(b, client, stream, group, count, c.consumers, c.together)
			}
			b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// consume takes all events, in acknowledgements of so many.
func consume(b *testing.B, client *esdb.Client, stream, group string, count, consumers, together int) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(count))
	done := make(chan struct{})
	for range consumers {
		sub, err := client.SubscribeToPersistentSubscription(b.Context(), stream, group, esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: 200})
		if err != nil {
			b.Fatal(err)
		}
		defer sub.Close()
		go func() {
			var held []*esdb.ResolvedEvent
			for {
				e := sub.Recv()
				if e.EventAppeared == nil {
					return
				}
				if held = append(held, e.EventAppeared.Event); len(held) >= together {
					_ = sub.Ack(held...)
					held = held[:0]
				}
				if left.Add(-1) == 0 {
					close(done)
				}
			}
		}()
	}
	select {
	case <-done:
	case <-time.After(patience):
		b.Fatalf("%d events do not come", left.Load())
	}
}
