// Package esdbtest says briefly, for tests, what is said to an event store over
// its public client. A call that should succeed and does not fails the test.
package esdbtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Patience bounds what a test waits for; it is far above what anything takes.
const Patience = 30 * time.Second

// Connect is a client of the store, closed with the test.
func Connect(t testing.TB, target string) *esdb.Client {
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

// Within is a context that ends after Patience, or with the test.
func Within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	return ctx
}

// Unique is a name that nobody else has.
func Unique(prefix string) string { return prefix + "-" + uuid.NewString() }

// Event makes an event with a fresh id.
func Event(kind string) esdb.EventData {
	return esdb.EventData{EventID: uuid.New(), EventType: kind, ContentType: esdb.ContentTypeJson,
		Data: []byte(`{"kind":"` + kind + `"}`), Metadata: []byte(`{"actor":"spec"}`)}
}

// EventsOf makes an event of each type.
func EventsOf(kinds ...string) []esdb.EventData {
	events := make([]esdb.EventData, len(kinds))
	for i, k := range kinds {
		events[i] = Event(k)
	}
	return events
}

// Numbered makes n events of one type.
func Numbered(n int) []esdb.EventData {
	events := make([]esdb.EventData, n)
	for i := range events {
		events[i] = Event("Numbered")
	}
	return events
}

// Append appends the events.
func Append(t testing.TB, client *esdb.Client, stream string, expected esdb.ExpectedRevision, events ...esdb.EventData) *esdb.WriteResult {
	t.Helper()
	result, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, events...)
	if err != nil {
		t.Fatalf("append to %s: %v", stream, err)
	}
	return result
}

// SetMetadata sets a stream's metadata.
func SetMetadata(t testing.TB, client *esdb.Client, stream string, change func(*esdb.StreamMetadata)) {
	t.Helper()
	var m esdb.StreamMetadata
	change(&m)
	if _, err := client.SetStreamMetadata(Within(t), stream, esdb.AppendToStreamOptions{}, m); err != nil {
		t.Fatalf("set metadata of %s: %v", stream, err)
	}
}

// Delete soft deletes the stream.
func Delete(t testing.TB, client *esdb.Client, stream string) *esdb.DeleteResult {
	t.Helper()
	result, err := client.DeleteStream(Within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	if err != nil {
		t.Fatalf("delete %s: %v", stream, err)
	}
	return result
}

// Tombstone ends the stream for ever.
func Tombstone(t testing.TB, client *esdb.Client, stream string) *esdb.DeleteResult {
	t.Helper()
	result, err := client.TombstoneStream(Within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	if err != nil {
		t.Fatalf("tombstone %s: %v", stream, err)
	}
	return result
}

// CodeOf is the client's code for the error; -1 where it is none of the client's.
func CodeOf(err error) esdb.ErrorCode {
	var e *esdb.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return -1
}

// StatusOf is the status under an error of the client.
func StatusOf(err error) codes.Code {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus().Code()
	}
	return codes.OK
}
