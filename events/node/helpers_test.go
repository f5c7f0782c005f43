package node_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node"
)

// patience bounds what a test waits for; it is far above what anything takes.
const patience = 30 * time.Second

// open starts a node on the directory and closes it with the test.
func open(t testing.TB, dir string) *node.Node {
	t.Helper()
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

func connect(t testing.TB, target string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(target)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func unique(prefix string) string { return prefix + "-" + uuid.NewString() }

// event makes an event with a fresh id.
func event(kind string) esdb.EventData {
	return esdb.EventData{EventID: uuid.New(), EventType: kind, ContentType: esdb.ContentTypeJson,
		Data: []byte(`{"kind":"` + kind + `"}`), Metadata: []byte(`{"actor":"spec"}`)}
}

func eventsOf(kinds ...string) []esdb.EventData {
	events := make([]esdb.EventData, len(kinds))
	for i, k := range kinds {
		events[i] = event(k)
	}
	return events
}

// numbered makes n events of one type.
func numbered(n int) []esdb.EventData {
	events := make([]esdb.EventData, n)
	for i := range events {
		events[i] = event("Numbered")
	}
	return events
}

func appendEvents(t testing.TB, client *esdb.Client, stream string, expected esdb.ExpectedRevision, events ...esdb.EventData) *esdb.WriteResult {
	t.Helper()
	result, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, events...)
	if err != nil {
		t.Fatalf("append to %s: %v", stream, err)
	}
	return result
}

// collect reads to the end.
func collect(read *esdb.ReadStream, err error) ([]*esdb.ResolvedEvent, error) {
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

func readStream(t testing.TB, client *esdb.Client, stream string, o esdb.ReadStreamOptions, count uint64) []*esdb.ResolvedEvent {
	t.Helper()
	events, err := collect(client.ReadStream(within(t), stream, o, count))
	if err != nil {
		t.Fatalf("read %s: %v", stream, err)
	}
	return events
}

func revisions(events []*esdb.ResolvedEvent) []uint64 {
	out := []uint64{}
	for _, e := range events {
		out = append(out, e.OriginalEvent().EventNumber)
	}
	return out
}

func codeOf(err error) esdb.ErrorCode {
	var e *esdb.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return -1
}

// startOfTests is a little earlier than that, for clocks that differ.
var startOfTests = time.Now().Add(-time.Minute)

// grpcCode is the status under an error of the client.
func grpcCode(err error) codes.Code {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus().Code()
	}
	return codes.OK
}

func setMetadata(t testing.TB, client *esdb.Client, stream string, change func(*esdb.StreamMetadata)) {
	t.Helper()
	var m esdb.StreamMetadata
	change(&m)
	if _, err := client.SetStreamMetadata(within(t), stream, esdb.AppendToStreamOptions{}, m); err != nil {
		t.Fatalf("set metadata of %s: %v", stream, err)
	}
}

func deleteStream(t testing.TB, client *esdb.Client, stream string) *esdb.DeleteResult {
	t.Helper()
	result, err := client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	if err != nil {
		t.Fatalf("delete %s: %v", stream, err)
	}
	return result
}

func tombstone(t testing.TB, client *esdb.Client, stream string) *esdb.DeleteResult {
	t.Helper()
	result, err := client.TombstoneStream(within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	if err != nil {
		t.Fatalf("tombstone %s: %v", stream, err)
	}
	return result
}
