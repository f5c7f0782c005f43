package spec

import (
	"fmt"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

func (s *suite) readStream(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("read")
	esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(10)...)
	const all = 1 << 40
	cases := []struct {
		name      string
		direction esdb.Direction
		from      esdb.StreamPosition
		count     uint64
		want      []uint64
	}{
		{"forwards", esdb.Forwards, esdb.Start{}, all, []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"forwards, limited", esdb.Forwards, esdb.Start{}, 3, []uint64{0, 1, 2}},
		{"forwards, the exact number", esdb.Forwards, esdb.Start{}, 10, []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"forwards from a revision, which is included", esdb.Forwards, esdb.Revision(7), all, []uint64{7, 8, 9}},
		{"forwards from a revision, limited", esdb.Forwards, esdb.Revision(4), 2, []uint64{4, 5}},
		{"forwards from the last", esdb.Forwards, esdb.Revision(9), all, []uint64{9}},
		{"forwards from after the last", esdb.Forwards, esdb.Revision(10), all, []uint64{}},
		{"forwards from far after the last", esdb.Forwards, esdb.Revision(1 << 40), all, []uint64{}},
		{"forwards from the end", esdb.Forwards, esdb.End{}, all, []uint64{}},
		{"backwards", esdb.Backwards, esdb.End{}, all, []uint64{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
		{"backwards, limited", esdb.Backwards, esdb.End{}, 1, []uint64{9}},
		{"backwards from a revision, which is included", esdb.Backwards, esdb.Revision(2), all, []uint64{2, 1, 0}},
		{"backwards from a revision, limited", esdb.Backwards, esdb.Revision(5), 2, []uint64{5, 4}},
		{"backwards from the first", esdb.Backwards, esdb.Revision(0), all, []uint64{0}},
		{"backwards from the start", esdb.Backwards, esdb.Start{}, all, []uint64{0}},
		{"backwards from after the last", esdb.Backwards, esdb.Revision(100), 2, []uint64{9, 8}},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			got := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{Direction: c.direction, From: c.from}, c.count))
			if !slices.Equal(got, c.want) {
				t.Fatalf("read %d, want %d", got, c.want)
			}
		})
	}
	s.run(t, "a stream that does not exist", func(t *testing.T) {
		for _, d := range []esdb.Direction{esdb.Forwards, esdb.Backwards} {
			_, err := esdbtest.Collect(client.ReadStream(esdbtest.Within(t), esdbtest.Unique("none"), esdb.ReadStreamOptions{Direction: d}, all))
			if esdbtest.CodeOf(err) != esdb.ErrorCodeResourceNotFound {
				t.Fatalf("got %v", err)
			}
		}
	})
}

func (s *suite) readManyPages(t *testing.T, client *esdb.Client) {
	const count = 2500
	stream := esdbtest.Unique("pages")
	var first *esdb.WriteResult
	for range 5 {
		if r := esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(count/5)...); first == nil {
			first = r
		}
		esdbtest.Append(t, client, esdbtest.Unique("between"), esdb.Any{}, esdbtest.Numbered(3)...)
	}
	for _, limit := range []uint64{count, 511, 512, 513, 1024, 1025} {
		forwards := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, limit))
		backwards := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, limit))
		if len(forwards) != int(limit) || len(backwards) != int(limit) {
			t.Fatalf("limit %d: %d forwards, %d backwards", limit, len(forwards), len(backwards))
		}
		for i := range forwards {
			if forwards[i] != uint64(i) || backwards[i] != uint64(count-1-i) {
				t.Fatalf("limit %d: place %d has %d forwards, %d backwards", limit, i, forwards[i], backwards[i])
			}
		}
	}
	all, err := esdbtest.Collect(client.ReadAll(esdbtest.Within(t), esdb.ReadAllOptions{From: esdb.Position{Commit: first.CommitPosition, Prepare: first.PreparePosition}}, 1<<40))
	if err != nil {
		t.Fatal(err)
	}
	if got := esdbtest.OfStream(all, stream); len(got) != count-count/5+1 || !esdbtest.Ascending(all) {
		t.Fatalf("$all has %d of the events after the first call", len(got))
	}
}

func (s *suite) readAll(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("all")
	var at []esdb.Position
	for range 5 {
		r := esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Event("One"))
		at = append(at, esdb.Position{Commit: r.CommitPosition, Prepare: r.PreparePosition})
	}
	const all = 1 << 40
	cases := []struct {
		name      string
		direction esdb.Direction
		from      esdb.AllPosition
		want      []uint64
	}{
		{"forwards from the start", esdb.Forwards, esdb.Start{}, []uint64{0, 1, 2, 3, 4}},
		{"forwards from the zero position", esdb.Forwards, esdb.Position{}, []uint64{0, 1, 2, 3, 4}},
		{"forwards from a position, which is included", esdb.Forwards, at[2], []uint64{2, 3, 4}},
		{"forwards from the last", esdb.Forwards, at[4], []uint64{4}},
		{"forwards from the end", esdb.Forwards, esdb.End{}, []uint64{}},
		{"backwards from the end", esdb.Backwards, esdb.End{}, []uint64{4, 3, 2, 1, 0}},
		{"backwards from a position, which is not included", esdb.Backwards, at[2], []uint64{1, 0}},
		{"backwards from the first", esdb.Backwards, at[0], []uint64{}},
		{"backwards from the start", esdb.Backwards, esdb.Start{}, []uint64{}},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			events, err := esdbtest.Collect(client.ReadAll(esdbtest.Within(t), esdb.ReadAllOptions{Direction: c.direction, From: c.from}, all))
			if err != nil {
				t.Fatal(err)
			}
			if got := esdbtest.Revisions(esdbtest.OfStream(events, stream)); !slices.Equal(got, c.want) {
				t.Fatalf("read %d, want %d", got, c.want)
			}
		})
	}
	for _, limit := range []uint64{1, 2, 3} {
		s.run(t, fmt.Sprintf("limit %d", limit), func(t *testing.T) {
			events, err := esdbtest.Collect(client.ReadAll(esdbtest.Within(t), esdb.ReadAllOptions{From: at[0]}, limit))
			if err != nil || uint64(len(events)) != limit {
				t.Fatalf("%d events, %v", len(events), err)
			}
		})
	}
	s.run(t, "metadata and tombstones are there", func(t *testing.T) {
		gone := esdbtest.Unique("all-gone")
		first := esdbtest.Append(t, client, gone, esdb.Any{}, esdbtest.Event("One"))
		esdbtest.SetMetadata(t, client, gone, func(m *esdb.StreamMetadata) { m.SetMaxCount(3) })
		esdbtest.Tombstone(t, client, gone)
		events, err := esdbtest.Collect(client.ReadAll(esdbtest.Within(t), esdb.ReadAllOptions{From: esdb.Position{Commit: first.CommitPosition, Prepare: first.PreparePosition}}, all))
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range append(esdbtest.OfStream(events, gone), esdbtest.OfStream(events, "$$"+gone)...) {
			kinds = append(kinds, e.Event.EventType)
		}
		if want := []string{"One", "$streamDeleted", "$metadata"}; !slices.Equal(kinds, want) {
			t.Fatalf("types %q, want %q", kinds, want)
		}
	})
}

func (s *suite) links(t *testing.T, client *esdb.Client) {
	target, links := esdbtest.Unique("target"), esdbtest.Unique("links")
	esdbtest.Append(t, client, target, esdb.Any{}, esdbtest.EventsOf("A", "B")...)
	link := func(data string) esdb.EventData {
		e := esdbtest.Event("$>")
		e.ContentType, e.Data = esdb.ContentTypeBinary, []byte(data)
		return e
	}
	esdbtest.Append(t, client, links, esdb.Any{}, link("1@"+target), link("7@"+target), link("0@"+esdbtest.Unique("none")), esdbtest.Event("Plain"))

	raw := esdbtest.ReadStream(t, client, links, esdb.ReadStreamOptions{}, 10)
	for i, e := range raw {
		if e.Link != nil || e.Event == nil {
			t.Errorf("unresolved read, event %d: %+v", i, e)
		}
	}
	resolved := esdbtest.ReadStream(t, client, links, esdb.ReadStreamOptions{ResolveLinkTos: true}, 10)
	if len(resolved) != 4 {
		t.Fatalf("%d events", len(resolved))
	}
	if e := resolved[0]; e.Event == nil || e.Event.EventType != "B" || e.Event.StreamID != target || e.Link == nil || e.Link.StreamID != links {
		t.Errorf("a link to an event: %+v", e)
	}
	for _, i := range []int{1, 2} {
		if e := resolved[i]; e.Event != nil || e.Link == nil {
			t.Errorf("a link to nothing: %+v", e)
		}
	}
	if e := resolved[3]; e.Event == nil || e.Event.EventType != "Plain" || e.Link != nil {
		t.Errorf("no link: %+v", e)
	}
}
