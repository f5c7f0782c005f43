package node

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"testing"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// TestEventsAreEncodedAsTheGeneratedCodeReadsThem, whatever is in them.
func TestEventsAreEncodedAsTheGeneratedCodeReadsThem(t *testing.T) {
	content := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 20), rapid.Just(bytes.Repeat([]byte("x"), 200)), rapid.Just(bytes.Repeat([]byte("x"), 1<<14)))
	record := rapid.Custom(func(t *rapid.T) eventlog.Record {
		return eventlog.Record{
			Position: rapid.Uint64().Draw(t, "position"),
			Revision: rapid.Int64Range(0, math.MaxInt64).Draw(t, "revision"),
			Created:  rapid.Int64().Draw(t, "created"),
			ID:       eventlog.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			JSON:     rapid.Bool().Draw(t, "JSON"),
			Stream:   []byte(rapid.String().Draw(t, "stream")),
			Type:     []byte(rapid.String().Draw(t, "type")),
			Metadata: content.Draw(t, "metadata"),
			Data:     content.Draw(t, "data"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		s := &sender{stringIDs: rapid.Bool().Draw(t, "ids as text")}
		for range 2 { // the second time on what the first has left
			event, link := rapid.Ptr(record, true).Draw(t, "event"), rapid.Ptr(record, true).Draw(t, "link")
			position := rapid.Uint64().Draw(t, "position")
			want := &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
				Event: generated(event, s.stringIDs), Link: generated(link, s.stringIDs),
				Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: position}}}}
			sent, err := newCodec().Marshal(s.encode(event, link, position))
			if err != nil {
				t.Fatal(err)
			}
			var got streams.ReadResp
			if err := proto.Unmarshal(sent.Materialize(), &got); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(want, &got) {
				t.Fatalf("read as %v, want %v", &got, want)
			}
		}
	})
}

// generated is the record in the types of the generated code.
func generated(r *eventlog.Record, stringIDs bool) *streams.ReadResp_ReadEvent_RecordedEvent {
	if r == nil {
		return nil
	}
	content := contentBytes
	if r.JSON {
		content = contentJSON
	}
	id := structuredUUID(uuid.UUID(r.ID))
	if stringIDs {
		id = &shared.UUID{Value: &shared.UUID_String_{String_: uuid.UUID(r.ID).String()}}
	}
	return &streams.ReadResp_ReadEvent_RecordedEvent{
		Id: id, StreamIdentifier: &shared.StreamIdentifier{StreamName: r.Stream},
		StreamRevision: uint64(r.Revision), PreparePosition: r.Position, CommitPosition: r.Position,
		Metadata:       map[string]string{metaType: string(r.Type), metaContentType: content, metaCreated: fmt.Sprint(r.Created)},
		CustomMetadata: r.Metadata, Data: r.Data,
	}
}

func TestThePatternOfAllClientsMatchesAsThePatternDoes(t *testing.T) {
	match, err := parseExpression(&streams.ReadReq_Options_FilterOptions_Expression{Regex: notSystem}, func(r *eventlog.Record) []byte { return r.Type })
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(notSystem)
	for _, name := range []string{"", "$", "$ed", "Tested", "a$", "\n", "\xff", "é"} {
		if got, want := match(&eventlog.Record{Type: []byte(name)}), pattern.MatchString(name); got != want {
			t.Errorf("%q: %v, the pattern says %v", name, got, want)
		}
	}
	if client.ExcludeSystemEventsFilter().Regex != notSystem {
		t.Errorf("the client's pattern is %s", client.ExcludeSystemEventsFilter().Regex)
	}
}
