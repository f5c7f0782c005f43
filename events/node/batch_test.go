package node_test

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

func batchID(u uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_String_{String_: u.String()}}
}

// batchOptions are for an append to the stream, whatever it is.
func batchOptions(stream string) *streams.BatchAppendReq_Options {
	return &streams.BatchAppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamPosition: &streams.BatchAppendReq_Options_Any{Any: &emptypb.Empty{}},
	}
}

func batchEvents(n, size int) []*streams.BatchAppendReq_ProposedMessage {
	out := make([]*streams.BatchAppendReq_ProposedMessage, n)
	for i := range out {
		out[i] = &streams.BatchAppendReq_ProposedMessage{Id: batchID(uuid.New()), Data: make([]byte, size),
			Metadata: map[string]string{"type": "Batched", "content-type": "application/octet-stream"}}
	}
	return out
}

// TestBatchAppendAnswers sends one append a case, over one call.
func TestBatchAppendAnswers(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	client := connect(t, n.ConnectionString())
	appendEvents(t, client, "has-two", esdb.NoStream{}, numbered(2)...)
	appendEvents(t, client, "gone", esdb.NoStream{}, numbered(2)...)
	tombstone(t, client, "gone")

	call, err := dial(t, n).BatchAppend(within(t))
	if err != nil {
		t.Fatal(err)
	}
	const success = code.Code_OK
	cases := []struct {
		name    string
		change  func(r *streams.BatchAppendReq)
		want    code.Code
		details string // the type of the error's details
	}{
		{"any", func(*streams.BatchAppendReq) {}, success, ""},
		{"structured ids", func(r *streams.BatchAppendReq) {
			r.CorrelationId = &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{MostSignificantBits: -5, LeastSignificantBits: 9}}}
		}, success, ""},
		{"nothing", func(r *streams.BatchAppendReq) { r.ProposedMessages = nil }, success, ""},
		{"an exact revision", func(r *streams.BatchAppendReq) {
			r.Options.StreamIdentifier.StreamName = []byte("has-two")
			r.Options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: 1}
		}, success, ""},
		{"a conflict", func(r *streams.BatchAppendReq) {
			r.Options.StreamIdentifier.StreamName = []byte("has-two")
			r.Options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}}
		}, code.Code_ALREADY_EXISTS, "event_store.client.WrongExpectedVersion"},
		{"a stream that should exist", func(r *streams.BatchAppendReq) {
			r.Options.StreamIdentifier.StreamName = []byte("has-none")
			r.Options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamExists{StreamExists: &emptypb.Empty{}}
		}, code.Code_ALREADY_EXISTS, "event_store.client.WrongExpectedVersion"},
		{"a tombstone", func(r *streams.BatchAppendReq) { r.Options.StreamIdentifier.StreamName = []byte("gone") },
			code.Code_NOT_FOUND, "event_store.client.StreamDeleted"},
		{"a system stream", func(r *streams.BatchAppendReq) { r.Options.StreamIdentifier.StreamName = []byte("$ce-x") },
			code.Code_PERMISSION_DENIED, "event_store.client.AccessDenied"},
		{"too much", func(r *streams.BatchAppendReq) { r.ProposedMessages = batchEvents(2, 600<<10) },
			code.Code_INVALID_ARGUMENT, "event_store.client.MaximumAppendSizeExceeded"},
		{"no name", func(r *streams.BatchAppendReq) { r.Options.StreamIdentifier = nil },
			code.Code_INVALID_ARGUMENT, "event_store.client.BadRequest"},
		{"no expectation", func(r *streams.BatchAppendReq) { r.Options.ExpectedStreamPosition = nil },
			code.Code_INVALID_ARGUMENT, "event_store.client.BadRequest"},
		{"an event's id that is none", func(r *streams.BatchAppendReq) {
			r.ProposedMessages[0].Id = &shared.UUID{Value: &shared.UUID_String_{String_: "x"}}
		}, code.Code_INVALID_ARGUMENT, "event_store.client.BadRequest"},
		{"an event without type", func(r *streams.BatchAppendReq) { delete(r.ProposedMessages[0].Metadata, "type") },
			code.Code_INVALID_ARGUMENT, "event_store.client.BadRequest"},
		{"a deadline that is over", func(r *streams.BatchAppendReq) {
			r.Options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline_21_10_0{Deadline_21_10_0: timestamppb.New(time.Now().Add(-time.Second))}
		}, code.Code_DEADLINE_EXCEEDED, "event_store.client.Timeout"},
		{"a deadline far away", func(r *streams.BatchAppendReq) {
			r.Options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: &durationpb.Duration{Seconds: time.Now().Unix()}}
		}, success, ""},
		{"a last part that never comes", func(r *streams.BatchAppendReq) {
			r.IsFinal = false
			r.Options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(time.Millisecond)}
		}, code.Code_DEADLINE_EXCEEDED, "event_store.client.Timeout"},
	}
	for _, c := range cases {
		request := &streams.BatchAppendReq{CorrelationId: batchID(uuid.New()), Options: batchOptions("batched"), ProposedMessages: batchEvents(2, 10), IsFinal: true}
		c.change(request)
		if err := call.Send(request); err != nil {
			t.Fatal(err)
		}
		answer, err := call.Recv()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if answer.CorrelationId.String() != request.CorrelationId.String() {
			t.Errorf("%s: answered %v, asked %v", c.name, answer.CorrelationId, request.CorrelationId)
		}
		if answer.StreamIdentifier.String() != request.Options.StreamIdentifier.String() {
			t.Errorf("%s: answered for %v", c.name, answer.StreamIdentifier)
		}
		details := ""
		if d := answer.GetError().GetDetails(); len(d) == 1 {
			details = string(d[0].MessageName())
		}
		if got := code.Code(answer.GetError().GetCode()); got != c.want || details != c.details || (answer.GetSuccess() != nil) != (c.want == success) {
			t.Errorf("%s: %v", c.name, answer)
		}
	}
	if err := call.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := call.Recv(); err != io.EOF {
		t.Errorf("the call ended with %v", err)
	}
	if got := revisions(readStream(t, client, "batched", esdb.ReadStreamOptions{}, 100)); !slices.Equal(got, upTo(0, 6)) {
		t.Errorf("the stream has %d", got)
	}
}

// TestBatchAppendInParts: the parts of several appends come mixed, and each is
// appended as a whole, in the order in which the last parts come.
func TestBatchAppendInParts(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	call, err := dial(t, n).BatchAppend(within(t))
	if err != nil {
		t.Fatal(err)
	}
	const appends, parts = 40, 3
	ids := make([]uuid.UUID, appends)
	for part := range parts {
		for i := range appends {
			request := &streams.BatchAppendReq{ProposedMessages: batchEvents(2, 10), IsFinal: part == parts-1}
			if part == 0 {
				ids[i] = uuid.New()
				request.Options = batchOptions("parts")
			}
			request.CorrelationId = batchID(ids[i])
			if err := call.Send(request); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range appends {
		answer, err := call.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if want := uint64(2*parts*(i+1) - 1); answer.CorrelationId.GetString_() != ids[i].String() || answer.GetSuccess().GetCurrentRevision() != want {
			t.Fatalf("answer %d: %v, want revision %d", i, answer, want)
		}
	}
}

// TestBatchAppendBounds: a client that leaves its appends unfinished is told
// so, and a call that is open does not hold up the close of the node.
func TestBatchAppendBounds(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	call, err := dial(t, n).BatchAppend(within(t))
	if err != nil {
		t.Fatal(err)
	}
	const most = 64
	for range most + 1 {
		if err := call.Send(&streams.BatchAppendReq{CorrelationId: batchID(uuid.New()), Options: batchOptions("open")}); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := call.Recv()
	if err != nil || answer.GetError().GetCode() != int32(code.Code_INVALID_ARGUMENT) {
		t.Fatalf("%v, %v", answer, err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := call.Recv(); err == nil {
		t.Error("the call goes on after the node was closed")
	}
}
