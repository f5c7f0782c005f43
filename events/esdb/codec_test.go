package esdb

import (
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// answers are of all kinds; those of the first ones readEvent reads itself.
func answers() (own, other []*streams.ReadResp) {
	name := &shared.StreamIdentifier{StreamName: []byte("session-1")}
	id := &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{MostSignificantBits: math.MinInt64, LeastSignificantBits: 7}}}
	recorded := &streams.ReadResp_ReadEvent_RecordedEvent{Id: id, StreamIdentifier: name, StreamRevision: 3, PreparePosition: 300, CommitPosition: math.MaxUint64,
		Metadata:       map[string]string{"type": "SessionEnded", "content-type": "application/json", "created": "17000000000000000"},
		CustomMetadata: []byte(`{"a":1}`), Data: []byte(`{"b":"ü"}`)}
	at := &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: 300}
	event := func(e *streams.ReadResp_ReadEvent) *streams.ReadResp {
		return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: e}}
	}
	own = []*streams.ReadResp{
		event(&streams.ReadResp_ReadEvent{Event: recorded, Position: at}),
		event(&streams.ReadResp_ReadEvent{Event: &streams.ReadResp_ReadEvent_RecordedEvent{}}),
	}
	textID := &shared.UUID{Value: &shared.UUID_String_{String_: "01980000-0000-7000-8000-000000000001"}}
	other = []*streams.ReadResp{
		{},
		event(&streams.ReadResp_ReadEvent{}),
		event(&streams.ReadResp_ReadEvent{Event: recorded, Link: recorded, Position: at}),
		event(&streams.ReadResp_ReadEvent{Event: recorded, Position: &streams.ReadResp_ReadEvent_NoPosition{NoPosition: &shared.Empty{}}}),
		event(&streams.ReadResp_ReadEvent{Event: &streams.ReadResp_ReadEvent_RecordedEvent{Id: textID, StreamIdentifier: name}}),
		{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: 1, PreparePosition: 1}}},
		{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}},
		{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: name}}},
	}
	return own, other
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	wire, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func TestEventsAreReadByTheCodec(t *testing.T) {
	own, other := answers()
	for _, want := range own {
		got, ok := readEvent(marshal(t, want))
		if !ok || !proto.Equal(want, &streams.ReadResp{Content: got}) {
			t.Errorf("%v is read as %v, %v", want, got, ok)
		}
	}
	for _, m := range other {
		if _, ok := readEvent(marshal(t, m)); ok {
			t.Errorf("%v is read", m)
		}
	}
}

// FuzzReadEvent: what the codec reads, the generated code reads as the same.
func FuzzReadEvent(f *testing.F) {
	own, other := answers()
	for _, m := range append(own, other...) {
		wire := marshal(f, m)
		f.Add(wire)
		f.Add(append(wire, wire...))
		f.Add(protowire.AppendVarint(protowire.AppendTag(wire, 99, protowire.VarintType), 5))
		for i := range wire {
			f.Add(append(wire[:i:i], wire[i+1:]...))
		}
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		got, ok := readEvent(wire)
		if !ok {
			return
		}
		var want streams.ReadResp
		if err := proto.Unmarshal(wire, &want); err != nil {
			t.Fatalf("%x is read, and the generated code refuses it: %v", wire, err)
		}
		if !proto.Equal(&want, &streams.ReadResp{Content: got}) {
			t.Fatalf("%x is read as %v, the generated code reads %v", wire, got, &want)
		}
	})
}
