package node_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// modelRead is a read as both sides are asked for it.
type modelRead struct {
	backwards, resolve bool
	from               int64 // -1: the start, or the end
	count              int
}

func drawRead(t *rapid.T) modelRead {
	return modelRead{backwards: rapid.Bool().Draw(t, "backwards"), resolve: rapid.Bool().Draw(t, "resolve"),
		from: rapid.Int64Range(-1, 12).Draw(t, "from"), count: rapid.SampledFrom([]int{1, 2, 3, 1000}).Draw(t, "count")}
}

func (r modelRead) options() esdb.ReadStreamOptions {
	o := esdb.ReadStreamOptions{ResolveLinkTos: r.resolve, From: esdb.Start{}}
	if r.backwards {
		o.Direction, o.From = esdb.Backwards, esdb.End{}
	}
	if r.from >= 0 {
		o.From = esdb.Revision(uint64(r.from))
	}
	return o
}

// takes cuts a list of what there is, forwards, to what the read gets.
func (r modelRead) takes(revisions []int64) []int64 {
	revisions = slices.DeleteFunc(slices.Clone(revisions), func(v int64) bool {
		return r.from >= 0 && (!r.backwards && v < r.from || r.backwards && v > r.from)
	})
	if r.backwards {
		slices.Reverse(revisions)
	}
	return revisions[:min(len(revisions), r.count)]
}

// show is an event as both sides write it down. The ids of what the store
// writes itself are its own.
func (m *modelRun) show(e *modelEvent, resolve bool) string {
	if e.kind == "$>" && resolve {
		if to := m.model.behind(e.data); to != nil {
			return fmt.Sprintf("%s@%d -> %s", e.stream, e.revision, m.show(to, false))
		}
		return fmt.Sprintf("%s@%d -> nothing", e.stream, e.revision)
	}
	id := e.id
	if strings.HasPrefix(e.kind, "$") {
		id = uuid.Nil
	}
	return fmt.Sprintf("%s@%d %s %s at %d", e.stream, e.revision, e.kind, id, e.position)
}

func showGot(e *esdb.ResolvedEvent) string {
	one := func(r *esdb.RecordedEvent) string {
		id := r.EventID
		if strings.HasPrefix(r.EventType, "$") {
			id = uuid.Nil
		}
		return fmt.Sprintf("%s@%d %s %s at %d", r.StreamID, int64(r.EventNumber), r.EventType, id, r.Position.Commit)
	}
	switch {
	case e.Link == nil:
		return one(e.Event)
	case e.Event == nil:
		return fmt.Sprintf("%s@%d -> nothing", e.Link.StreamID, e.Link.EventNumber)
	}
	return fmt.Sprintf("%s@%d -> %s", e.Link.StreamID, e.Link.EventNumber, one(e.Event))
}

func (m *modelRun) compare(t *rapid.T, what string, got []*esdb.ResolvedEvent, want []string) {
	shown := []string{}
	for _, e := range got {
		shown = append(shown, showGot(e))
	}
	if !slices.Equal(shown, want) {
		t.Fatalf("%s:\n got %s\nwant %s", what, strings.Join(shown, "\n     "), strings.Join(want, "\n     "))
	}
}

// read reads a stream, or its metadata.
func (m *modelRun) read(t *rapid.T) {
	stream, r := drawStream(t), drawRead(t)
	if rapid.IntRange(0, 3).Draw(t, "metadata") == 0 {
		stream = "$$" + stream
	}
	got, err := collect(m.client.ReadStream(context.Background(), stream, r.options(), uint64(r.count)))
	first, last, outcome := m.model.window(stream)
	m.same(t, outcome, err)
	if outcome != outcomeOK {
		return
	}
	var there []int64
	for revision := first; revision <= last; revision++ {
		if m.model.streams[stream].events[revision] != nil {
			there = append(there, revision)
		}
	}
	want := []string{}
	for _, revision := range r.takes(there) {
		want = append(want, m.show(m.model.streams[stream].events[revision], r.resolve))
	}
	m.compare(t, fmt.Sprintf("read %s %+v", stream, r), got, want)
}

func (m *modelRun) readAll(t *rapid.T) {
	r := drawRead(t)
	o := esdb.ReadAllOptions{From: esdb.Start{}, ResolveLinkTos: r.resolve}
	if r.backwards {
		o.Direction, o.From = esdb.Backwards, esdb.End{}
	}
	if r.from > int64(len(m.model.log)) {
		r.from = -1
	}
	if r.from >= 0 {
		o.From = esdb.Position{Commit: uint64(r.from), Prepare: uint64(r.from)}
		if r.backwards {
			r.from-- // a position read from backwards is not included
		}
	}
	got, err := collect(m.client.ReadAll(context.Background(), o, uint64(r.count)))
	if err != nil {
		t.Fatal(err)
	}
	var there []int64
	for _, e := range m.model.log {
		if !e.gone {
			there = append(there, int64(e.position))
		}
	}
	if r.backwards && o.From == (esdb.Position{}) {
		there = nil
	}
	want := []string{}
	for _, position := range r.takes(there) {
		want = append(want, m.show(m.model.log[position-1], r.resolve))
	}
	m.compare(t, fmt.Sprintf("read $all %+v", r), got, want)
}

func (m *modelRun) readSystem(t *rapid.T) {
	stream := rapid.SampledFrom([]string{"$ce-cat", "$ce-dog", "$et-A", "$et-B", "$et-$metadata", "$bc-c1", "$bc-c2", "$streams"}).Draw(t, "system")
	r := drawRead(t)
	got, err := collect(m.client.ReadStream(context.Background(), stream, r.options(), uint64(r.count)))
	if m.model.numbers[stream] == 0 {
		m.same(t, outcomeNotFound, err)
		return
	}
	m.same(t, outcomeOK, err)
	links, there := map[int64]*modelEvent{}, []int64{}
	for _, l := range m.model.system[stream] {
		links[l.revision] = l.to
		there = append(there, l.revision)
	}
	want := []string{}
	for _, revision := range r.takes(there) {
		to := links[revision]
		want = append(want, m.show(&modelEvent{stream: stream, revision: revision, kind: "$>", data: to.target(stream), position: to.position}, r.resolve))
	}
	m.compare(t, fmt.Sprintf("read %s %+v", stream, r), got, want)
}
