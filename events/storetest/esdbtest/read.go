package esdbtest

import (
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Collect reads to the end.
func Collect(read *esdb.ReadStream, err error) ([]*esdb.ResolvedEvent, error) {
	if err != nil {
		return nil, err
	}
	defer read.Close()
	var events []*esdb.ResolvedEvent
	for {
		e, err := read.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
}

// ReadStream reads the stream to the end, or to the count.
func ReadStream(t testing.TB, client *esdb.Client, stream string, o esdb.ReadStreamOptions, count uint64) []*esdb.ResolvedEvent {
	t.Helper()
	events, err := Collect(client.ReadStream(Within(t), stream, o, count))
	if err != nil {
		t.Fatalf("read %s: %v", stream, err)
	}
	return events
}

// Revisions are the events' revisions, of the links where they are links.
func Revisions(events []*esdb.ResolvedEvent) []uint64 {
	out := []uint64{}
	for _, e := range events {
		out = append(out, e.OriginalEvent().EventNumber)
	}
	return out
}

// OfStream is what belongs to the stream.
func OfStream(events []*esdb.ResolvedEvent, stream string) []*esdb.ResolvedEvent {
	var out []*esdb.ResolvedEvent
	for _, e := range events {
		if e.OriginalEvent().StreamID == stream {
			out = append(out, e)
		}
	}
	return out
}

// Ascending says that positions rise.
func Ascending(events []*esdb.ResolvedEvent) bool {
	return slices.IsSortedFunc(events, func(a, b *esdb.ResolvedEvent) int {
		if a.OriginalEvent().Position.Commit < b.OriginalEvent().Position.Commit {
			return -1
		}
		return 1
	})
}
