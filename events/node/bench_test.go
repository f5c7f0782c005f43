package node_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

const benchPayload = 300

func BenchmarkAppendOneWriter(b *testing.B) {
	client := connect(b, open(b, b.TempDir()).ConnectionString())
	stream := unique("bench")
	b.ReportAllocs()
	for b.Loop() {
		appendOne(b, client, stream)
	}
}

func BenchmarkAppend64Writers(b *testing.B) {
	client := connect(b, open(b, b.TempDir()).ConnectionString())
	var writer atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(32) // a processor: 64 on the two that the figures are for
	b.RunParallel(func(p *testing.PB) {
		stream := unique(fmt.Sprintf("bench-%d", writer.Add(1)))
		for p.Next() {
			appendOne(b, client, stream)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

func BenchmarkAppend100EventsACall8Writers(b *testing.B) {
	client := connect(b, open(b, b.TempDir()).ConnectionString())
	b.ReportAllocs()
	b.SetParallelism(4)
	b.RunParallel(func(p *testing.PB) {
		stream := unique("bench")
		for p.Next() {
			appendEvents(b, client, stream, esdb.Any{}, benchEvents(100)...)
		}
	})
	b.ReportMetric(float64(100*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkReadStreamForwards(b *testing.B) {
	const count = 10_000
	client := connect(b, open(b, b.TempDir()).ConnectionString())
	stream := unique("bench")
	fill(b, client, stream, count)
	b.ReportAllocs()
	for b.Loop() {
		read, err := client.ReadStream(context.Background(), stream, esdb.ReadStreamOptions{}, count)
		drain(b, read, err, count)
	}
	b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkReadAllForwards(b *testing.B) {
	const count = 10_000
	client := connect(b, open(b, b.TempDir()).ConnectionString())
	fill(b, client, unique("bench"), count)
	b.ReportAllocs()
	for b.Loop() {
		read, err := client.ReadAll(context.Background(), esdb.ReadAllOptions{}, count)
		drain(b, read, err, count)
	}
	b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "events/s")
}

func benchEvents(n int) []esdb.EventData {
	events := make([]esdb.EventData, n)
	for i := range events {
		events[i] = esdb.EventData{EventType: "Benched", ContentType: esdb.ContentTypeJson, Data: make([]byte, benchPayload)}
	}
	return events
}

func appendOne(b *testing.B, client *esdb.Client, stream string) {
	if _, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{}, benchEvents(1)...); err != nil {
		b.Error(err)
	}
}

func fill(b testing.TB, client *esdb.Client, stream string, count int) {
	for range count / 1000 {
		appendEvents(b, client, stream, esdb.Any{}, benchEvents(1000)...)
	}
}

func drain(b *testing.B, read *esdb.ReadStream, err error, want int) {
	if err != nil {
		b.Fatal(err)
	}
	defer read.Close()
	got := 0
	for {
		if _, err := read.Recv(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			b.Fatal(err)
		}
		got++
	}
	if got != want {
		b.Fatalf("read %d events, want %d", got, want)
	}
}
