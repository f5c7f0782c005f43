package node_test

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/playcast/playcast/events/node"
)

// What the Go client does not let a test send or see is tried here on the
// protocol itself.

func dial(t *testing.T, n *node.Node) streams.StreamsClient {
	t.Helper()
	conn, err := grpc.NewClient(n.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return streams.NewStreamsClient(conn)
}

var empty = &shared.Empty{}

func named(stream string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(stream)}
}

// sendAppend sends the messages and returns the answer and its trailers.
func sendAppend(t *testing.T, client streams.StreamsClient, messages ...*streams.AppendReq) (*streams.AppendResp, metadata.MD, error) {
	t.Helper()
	call, err := client.Append(within(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := call.Send(m); err != nil {
			break // the server has answered; CloseAndRecv says what
		}
	}
	answer, err := call.CloseAndRecv()
	return answer, call.Trailer(), err
}

func options(o *streams.AppendReq_Options) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: o}}
}

func anyRevision(stream string) *streams.AppendReq {
	return options(&streams.AppendReq_Options{StreamIdentifier: named(stream), ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: empty}})
}

func proposed(change func(*streams.AppendReq_ProposedMessage)) *streams.AppendReq {
	m := &streams.AppendReq_ProposedMessage{
		Id:       &shared.UUID{Value: &shared.UUID_String_{String_: "01890a5d-ac96-774b-bcce-b302099a8057"}},
		Metadata: map[string]string{"type": "Sent", "content-type": "application/json"},
		Data:     []byte(`{}`),
	}
	change(m)
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: m}}
}

func TestMalformedAppend(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	client := dial(t, n)
	fine := proposed(func(*streams.AppendReq_ProposedMessage) {})
	message := func(change func(*streams.AppendReq_ProposedMessage)) []*streams.AppendReq {
		return []*streams.AppendReq{anyRevision("malformed"), fine, proposed(change)}
	}
	cases := []struct {
		name      string
		messages  []*streams.AppendReq
		exception string
	}{
		{"nothing", nil, ""},
		{"an event first", []*streams.AppendReq{fine}, ""},
		{"options twice", []*streams.AppendReq{anyRevision("malformed"), anyRevision("malformed")}, ""},
		{"an empty message", []*streams.AppendReq{anyRevision("malformed"), {}}, ""},
		{"no expectation", []*streams.AppendReq{options(&streams.AppendReq_Options{StreamIdentifier: named("malformed")}), fine}, ""},
		{"a revision out of range", []*streams.AppendReq{options(&streams.AppendReq_Options{StreamIdentifier: named("malformed"),
			ExpectedStreamRevision: &streams.AppendReq_Options_Revision{Revision: math.MaxUint64}}), fine}, ""},
		{"no stream", []*streams.AppendReq{options(&streams.AppendReq_Options{ExpectedStreamRevision: &streams.AppendReq_Options_Any{}}), fine}, ""},
		{"a name too long", []*streams.AppendReq{anyRevision(strings.Repeat("x", 1025)), fine}, ""},
		{"a name that is not UTF-8", []*streams.AppendReq{anyRevision("\xff"), fine}, ""},
		{"$all", []*streams.AppendReq{anyRevision("$all"), fine}, ""},
		{"metadata of metadata", []*streams.AppendReq{anyRevision("$$$$malformed"), fine}, ""},
		{"no id", message(func(m *streams.AppendReq_ProposedMessage) { m.Id = nil }), ""},
		{"an id that is none", message(func(m *streams.AppendReq_ProposedMessage) {
			m.Id = &shared.UUID{Value: &shared.UUID_String_{String_: "not a uuid"}}
		}), ""},
		{"no type", message(func(m *streams.AppendReq_ProposedMessage) { delete(m.Metadata, "type") }), "missing-required-metadata-property"},
		{"no content type", message(func(m *streams.AppendReq_ProposedMessage) { delete(m.Metadata, "content-type") }), "missing-required-metadata-property"},
		{"a type too long", message(func(m *streams.AppendReq_ProposedMessage) { m.Metadata["type"] = strings.Repeat("x", 1025) }), ""},
		{"too large", message(func(m *streams.AppendReq_ProposedMessage) { m.Data = make([]byte, 3<<20) }), "maximum-append-size-exceeded"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answer, trailers, err := sendAppend(t, client, c.messages...)
			if status.Code(err) != codes.InvalidArgument || status.Convert(err).Message() == "" {
				t.Fatalf("got %v, %v", answer, err)
			}
			if got := strings.Join(trailers.Get("exception"), ","); got != c.exception {
				t.Errorf("exception %q, want %q", got, c.exception)
			}
		})
	}
	if events, err := collect(connect(t, n.ConnectionString()).ReadAll(within(t), esdb.ReadAllOptions{}, 10)); err != nil || len(events) != 0 {
		t.Errorf("%d events were appended, %v", len(events), err)
	}
}

func TestConflictOnTheWire(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	client := dial(t, n)
	appendEvents(t, connect(t, n.ConnectionString()), "conflict", esdb.Any{}, numbered(3)...)
	type wrong = streams.AppendResp_WrongExpectedVersion
	fine := proposed(func(*streams.AppendReq_ProposedMessage) {})
	cases := []struct {
		name    string
		options *streams.AppendReq_Options
		want    *wrong
	}{
		{"a revision", &streams.AppendReq_Options{StreamIdentifier: named("conflict"), ExpectedStreamRevision: &streams.AppendReq_Options_Revision{Revision: 7}}, &wrong{
			CurrentRevisionOption:         &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: 2},
			CurrentRevisionOption_20_6_0:  &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: 2},
			ExpectedRevisionOption:        &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: 7},
			ExpectedRevisionOption_20_6_0: &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: 7},
		}},
		{"no stream", &streams.AppendReq_Options{StreamIdentifier: named("conflict"), ExpectedStreamRevision: &streams.AppendReq_Options_NoStream{NoStream: empty}}, &wrong{
			CurrentRevisionOption:         &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: 2},
			CurrentRevisionOption_20_6_0:  &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: 2},
			ExpectedRevisionOption:        &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: empty},
			ExpectedRevisionOption_20_6_0: &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: math.MaxUint64},
		}},
		{"stream exists", &streams.AppendReq_Options{StreamIdentifier: named("none"), ExpectedStreamRevision: &streams.AppendReq_Options_StreamExists{StreamExists: empty}}, &wrong{
			CurrentRevisionOption:         &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: empty},
			CurrentRevisionOption_20_6_0:  &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: empty},
			ExpectedRevisionOption:        &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: empty},
			ExpectedRevisionOption_20_6_0: &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: empty},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answer, _, err := sendAppend(t, client, options(c.options), fine)
			if err != nil || !proto.Equal(answer.GetWrongExpectedVersion(), c.want) {
				t.Fatalf("got %v, %v, want %v", answer, err, c.want)
			}
		})
	}
	t.Run("of a delete", func(t *testing.T) {
		var trailers metadata.MD
		_, err := client.Delete(within(t), &streams.DeleteReq{Options: &streams.DeleteReq_Options{
			StreamIdentifier: named("conflict"), ExpectedStreamRevision: &streams.DeleteReq_Options_Revision{Revision: 7}}}, grpc.Trailer(&trailers))
		if status.Code(err) != codes.FailedPrecondition {
			t.Fatalf("got %v", err)
		}
		for key, want := range map[string]string{"exception": "wrong-expected-version", "stream-name": "conflict", "expected-version": "7", "actual-version": "2"} {
			if got := strings.Join(trailers.Get(key), ","); got != want {
				t.Errorf("trailer %s is %q, want %q", key, got, want)
			}
		}
	})
}

func TestMalformedRead(t *testing.T) {
	t.Parallel()
	client := dial(t, open(t, t.TempDir()))
	type opts = streams.ReadReq_Options
	all := &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: empty}}}
	live := &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
	filtered := func(f *streams.ReadReq_Options_FilterOptions) *opts {
		return &opts{StreamOption: all, CountOption: live, FilterOption: &streams.ReadReq_Options_Filter{Filter: f}}
	}
	prefix := &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"x"}}}
	cases := map[string]*opts{
		"nothing":                    nil,
		"no count":                   {StreamOption: all},
		"no stream":                  {CountOption: live},
		"a name that is empty":       {StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{}}, CountOption: live},
		"a subscription backwards":   {StreamOption: all, CountOption: live, ReadDirection: streams.ReadReq_Options_Backwards},
		"a filter of nothing":        filtered(&streams.ReadReq_Options_FilterOptions{CheckpointIntervalMultiplier: 1}),
		"a filter without a pattern": filtered(&streams.ReadReq_Options_FilterOptions{CheckpointIntervalMultiplier: 1, Filter: &streams.ReadReq_Options_FilterOptions_EventType{}}),
		"a window of 0":              filtered(&streams.ReadReq_Options_FilterOptions{CheckpointIntervalMultiplier: 1, Filter: prefix, Window: &streams.ReadReq_Options_FilterOptions_Max{}}),
		"an interval of 0":           filtered(&streams.ReadReq_Options_FilterOptions{Filter: prefix}),
	}
	for name, o := range cases {
		t.Run(name, func(t *testing.T) {
			call, err := client.Read(within(t), &streams.ReadReq{Options: o})
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := call.Recv(); status.Code(err) != codes.InvalidArgument {
				t.Fatalf("got %v, %v", answer, err)
			}
		})
	}
}

// TestFilteredRead is what the Go client does not offer: a page of $all.
func TestFilteredRead(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	stored := connect(t, n.ConnectionString())
	for range 5 {
		appendEvents(t, stored, "noise", esdb.Any{}, numbered(400)...)
		appendEvents(t, stored, "wanted", esdb.Any{}, event("Wanted"))
	}
	call, err := dial(t, n).Read(within(t), &streams.ReadReq{Options: &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{AllOption: &streams.ReadReq_Options_AllOptions_End{End: empty}}},
		CountOption:  &streams.ReadReq_Options_Count{Count: 3}, ReadDirection: streams.ReadReq_Options_Backwards,
		UuidOption: &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: empty}},
		FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{CheckpointIntervalMultiplier: 1,
			Filter: &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Regex: "^Wanted$"}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint64{4, 3, 2} {
		answer, err := call.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if e := answer.GetEvent().GetEvent(); e.GetStreamRevision() != want || len(e.GetId().GetString_()) != 36 {
			t.Errorf("got %v, want revision %d with its id as a string", e, want)
		}
	}
	if _, err := call.Recv(); err != io.EOF {
		t.Errorf("after the last: %v", err)
	}
}

// TestSeveralHosts: a client that is given several asks them by gossip.
func TestSeveralHosts(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	client := connect(t, "esdb://"+n.Addr()+","+n.Addr()+"?tls=false")
	appendEvents(t, client, "gossip", esdb.Any{}, numbered(1)...)
	version, err := client.GetServerVersion()
	if err != nil || version.Major == 0 {
		t.Errorf("version %+v, %v", version, err)
	}
}
