package spec

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// A stream's past, before a case begins.
var pasts = map[string]func(t *testing.T, client *esdb.Client, stream string){
	"new": func(*testing.T, *esdb.Client, string) {},
	"two events": func(t *testing.T, client *esdb.Client, stream string) {
		esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.EventsOf("A", "B")...)
	},
	"metadata only": func(t *testing.T, client *esdb.Client, stream string) {
		esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(100) })
	},
	"soft deleted": func(t *testing.T, client *esdb.Client, stream string) {
		esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.EventsOf("A", "B")...)
		esdbtest.Delete(t, client, stream)
	},
	"soft deleted and new again": func(t *testing.T, client *esdb.Client, stream string) {
		esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.EventsOf("A", "B")...)
		esdbtest.Delete(t, client, stream)
		esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.EventsOf("C")...)
	},
	"deleted before it began": func(t *testing.T, client *esdb.Client, stream string) { esdbtest.Delete(t, client, stream) },
	"tombstoned": func(t *testing.T, client *esdb.Client, stream string) {
		esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.EventsOf("A", "B")...)
		esdbtest.Tombstone(t, client, stream)
	},
}

const (
	conflict = -1
	deleted  = -2
)

func (s *suite) expectedRevision(t *testing.T, client *esdb.Client) {
	expectations := []struct {
		name     string
		expected esdb.ExpectedRevision
	}{
		{"any", esdb.Any{}}, {"no stream", esdb.NoStream{}}, {"stream exists", esdb.StreamExists{}},
		{"0", esdb.Revision(0)}, {"1", esdb.Revision(1)}, {"2", esdb.Revision(2)}, {"9", esdb.Revision(9)},
	}
	want := map[string][]int{ // the revision after one more event, or what is wrong
		"new":                        {0, 0, conflict, conflict, conflict, conflict, conflict},
		"two events":                 {2, conflict, 2, conflict, 2, conflict, conflict},
		"metadata only":              {0, 0, 0, conflict, conflict, conflict, conflict},
		"soft deleted":               {2, 2, deleted, conflict, 2, conflict, conflict},
		"soft deleted and new again": {3, conflict, 3, conflict, conflict, 3, conflict},
		"deleted before it began":    {0, 0, deleted, conflict, conflict, conflict, conflict},
		"tombstoned":                 {deleted, deleted, deleted, deleted, deleted, deleted, deleted},
	}
	for past, prepare := range pasts {
		for i, e := range expectations {
			s.run(t, past+"/"+e.name, func(t *testing.T) {
				stream := esdbtest.Unique("expected")
				prepare(t, client, stream)
				result, err := client.AppendToStream(esdbtest.Within(t), stream,
					esdb.AppendToStreamOptions{ExpectedRevision: e.expected}, esdbtest.Event("X"))
				checkAppend(t, result, err, want[past][i])
			})
		}
	}
}

func checkAppend(t *testing.T, result *esdb.WriteResult, err error, want int) {
	t.Helper()
	switch {
	case want == conflict:
		if esdbtest.CodeOf(err) != esdb.ErrorCodeWrongExpectedVersion {
			t.Fatalf("got %+v, %v, want a conflict", result, err)
		}
	case want == deleted:
		if esdbtest.CodeOf(err) != esdb.ErrorCodeStreamDeleted {
			t.Fatalf("got %+v, %v, want that the stream is deleted", result, err)
		}
	case err != nil:
		t.Fatal(err)
	case result.NextExpectedVersion != uint64(want):
		t.Fatalf("at revision %d, want %d", result.NextExpectedVersion, want)
	case result.CommitPosition == 0 || result.CommitPosition != result.PreparePosition:
		t.Fatalf("position %d/%d", result.CommitPosition, result.PreparePosition)
	}
}

func (s *suite) repeatedAppend(t *testing.T, client *esdb.Client) {
	a, b, c, d := esdbtest.Event("A"), esdbtest.Event("B"), esdbtest.Event("C"), esdbtest.Event("D")
	fresh := func() { a.EventID, b.EventID, c.EventID, d.EventID = uuid.New(), uuid.New(), uuid.New(), uuid.New() }
	type call struct {
		expected esdb.ExpectedRevision
		events   []*esdb.EventData
		want     int
	}
	at := func(expected esdb.ExpectedRevision, want int, events ...*esdb.EventData) call {
		return call{expected, events, want}
	}
	cases := []struct {
		name   string
		calls  []call
		length int
	}{
		{"any", []call{at(esdb.Any{}, 1, &a, &b), at(esdb.Any{}, 1, &a, &b)}, 2},
		{"no stream", []call{at(esdb.NoStream{}, 1, &a, &b), at(esdb.NoStream{}, 1, &a, &b)}, 2},
		{"exact", []call{at(esdb.NoStream{}, 0, &a), at(esdb.Revision(0), 2, &b, &c), at(esdb.Revision(0), 2, &b, &c)}, 3},
		{"stream exists", []call{at(esdb.Any{}, 0, &a), at(esdb.StreamExists{}, 1, &b), at(esdb.StreamExists{}, 1, &b)}, 2},
		{"any, others between", []call{at(esdb.Any{}, 0, &a), at(esdb.Any{}, 1, &b), at(esdb.Any{}, 0, &a)}, 2},
		{"no stream, others between", []call{at(esdb.NoStream{}, 0, &a), at(esdb.Any{}, 1, &b), at(esdb.NoStream{}, 0, &a)}, 2},
		{"the first part, any", []call{at(esdb.Any{}, 2, &a, &b, &c), at(esdb.Any{}, 1, &a, &b)}, 3},
		{"the first part, exact", []call{at(esdb.NoStream{}, 2, &a, &b, &c), at(esdb.NoStream{}, 1, &a, &b)}, 3},
		{"a middle part, exact", []call{at(esdb.NoStream{}, 2, &a, &b, &c), at(esdb.Revision(0), 1, &b)}, 3},
		{"another expectation", []call{at(esdb.NoStream{}, 0, &a), at(esdb.Any{}, 0, &a)}, 1},
		{"known and then new, any", []call{at(esdb.Any{}, 0, &a), at(esdb.Any{}, conflict, &a, &b)}, 1},
		{"known and then new, exact", []call{at(esdb.NoStream{}, 0, &a), at(esdb.NoStream{}, conflict, &a, &b)}, 1},
		{"in another order", []call{at(esdb.NoStream{}, 1, &a, &b), at(esdb.NoStream{}, conflict, &b, &a)}, 2},
		{"other ids, exact", []call{at(esdb.NoStream{}, 0, &a), at(esdb.NoStream{}, conflict, &b)}, 1},
		{"an id at the wrong place", []call{at(esdb.NoStream{}, 2, &a, &b, &c), at(esdb.Revision(1), conflict, &b)}, 3},
		{"the same id at the end, exact", []call{at(esdb.NoStream{}, 0, &a), at(esdb.Revision(0), 1, &a)}, 2},
		{"nothing, any", []call{at(esdb.NoStream{}, 0, &a), at(esdb.Any{}, 0)}, 1},
		{"nothing, behind", []call{at(esdb.NoStream{}, 1, &a, &b), at(esdb.Revision(0), conflict)}, 2},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			fresh()
			stream := esdbtest.Unique("repeated")
			for _, call := range c.calls {
				var events []esdb.EventData
				for _, e := range call.events {
					events = append(events, *e)
				}
				result, err := client.AppendToStream(esdbtest.Within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: call.expected}, events...)
				checkAppend(t, result, err, call.want)
			}
			if got := esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 10); len(got) != c.length {
				t.Fatalf("the stream has revisions %d, want %d of them", esdbtest.Revisions(got), c.length)
			}
		})
	}
	s.run(t, "in another stream", func(t *testing.T) {
		fresh()
		one, other := esdbtest.Unique("repeated"), esdbtest.Unique("repeated")
		esdbtest.Append(t, client, one, esdb.Any{}, a)
		esdbtest.Append(t, client, other, esdb.Any{}, a)
		if n := len(esdbtest.ReadStream(t, client, other, esdb.ReadStreamOptions{}, 10)); n != 1 {
			t.Fatalf("%d events", n)
		}
	})
	s.run(t, "has the position of the first", func(t *testing.T) {
		fresh()
		stream := esdbtest.Unique("repeated")
		first := esdbtest.Append(t, client, stream, esdb.Any{}, a, b)
		esdbtest.Append(t, client, stream, esdb.Any{}, c)
		if again := esdbtest.Append(t, client, stream, esdb.Any{}, a, b); *again != *first {
			t.Fatalf("first %+v, again %+v", first, again)
		}
	})
}

func (s *suite) appendKeepsTheEvent(t *testing.T, client *esdb.Client) {
	began := time.Now().Add(-time.Minute) // clocks may differ a little
	stream := esdbtest.Unique("kept-é-流")
	wrote := []esdb.EventData{
		{EventID: uuid.New(), EventType: "Json", ContentType: esdb.ContentTypeJson, Data: []byte(`{"a":1}`), Metadata: []byte(`{"b":2}`)},
		{EventID: uuid.New(), EventType: "Bytes", ContentType: esdb.ContentTypeBinary, Data: []byte{0, 255, 0}, Metadata: []byte{1}},
		{EventID: uuid.New(), EventType: "Empty ünïcode", ContentType: esdb.ContentTypeBinary},
		{EventID: uuid.New(), EventType: "Large", ContentType: esdb.ContentTypeBinary, Data: make([]byte, 900<<10)},
	}
	result := esdbtest.Append(t, client, stream, esdb.NoStream{}, wrote...)
	read := esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 10)
	if len(read) != len(wrote) {
		t.Fatalf("%d events, want %d", len(read), len(wrote))
	}
	for i, w := range wrote {
		r := read[i].Event
		if r.EventID != w.EventID || r.EventType != w.EventType || r.StreamID != stream || r.EventNumber != uint64(i) {
			t.Errorf("event %d came back as %s %s %s@%d", i, r.EventID, r.EventType, r.StreamID, r.EventNumber)
		}
		if !slices.Equal(r.Data, w.Data) || !slices.Equal(r.UserMetadata, w.Metadata) {
			t.Errorf("event %d: the content differs", i)
		}
		if isJSON := r.ContentType == "application/json"; isJSON != (w.ContentType == esdb.ContentTypeJson) {
			t.Errorf("event %d: content type %q", i, r.ContentType)
		}
		if r.CreatedDate.Before(began) || i > 0 && r.CreatedDate.Before(read[i-1].Event.CreatedDate) {
			t.Errorf("event %d: created %s", i, r.CreatedDate)
		}
	}
	if last := read[len(read)-1].Event.Position; last.Commit != result.CommitPosition {
		t.Errorf("the append said position %d, the event %d", result.CommitPosition, last.Commit)
	}
}

func (s *suite) refusedAppend(t *testing.T, client *esdb.Client) {
	large := func(n int) esdb.EventData {
		return esdb.EventData{EventID: uuid.New(), EventType: "Large", Data: make([]byte, n)}
	}
	cases := []struct {
		name, stream string
		events       []esdb.EventData
		want         codes.Code
	}{
		{"one event over the limit", esdbtest.Unique("refused"), []esdb.EventData{large(1<<20 + 1)}, codes.InvalidArgument},
		{"events over the limit together", esdbtest.Unique("refused"), []esdb.EventData{large(600 << 10), large(600 << 10)}, codes.InvalidArgument},
		{"metadata over the limit", esdbtest.Unique("refused"), []esdb.EventData{{EventID: uuid.New(), EventType: "Large", Metadata: make([]byte, 1<<20+1)}}, codes.InvalidArgument},
		{"no type", esdbtest.Unique("refused"), []esdb.EventData{{EventID: uuid.New()}}, codes.InvalidArgument},
		{"no name", "", esdbtest.Numbered(1), codes.InvalidArgument},
		{"the name of no metastream", "$$", esdbtest.Numbered(1), codes.InvalidArgument},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			_, err := client.AppendToStream(esdbtest.Within(t), c.stream, esdb.AppendToStreamOptions{}, c.events...)
			if esdbtest.StatusOf(err) != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if !strings.HasPrefix(c.stream, "refused") {
				return
			}
			if _, err := esdbtest.Collect(client.ReadStream(esdbtest.Within(t), c.stream, esdb.ReadStreamOptions{}, 10)); esdbtest.CodeOf(err) != esdb.ErrorCodeResourceNotFound {
				t.Fatalf("something was appended: %v", err)
			}
		})
	}
}
