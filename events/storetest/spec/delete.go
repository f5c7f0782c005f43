package spec

import (
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

func (s *suite) delete(t *testing.T, client *esdb.Client) {
	cases := []struct {
		name     string
		expected esdb.ExpectedRevision
		events   int
		want     codes.Code
	}{
		{"any", esdb.Any{}, 2, codes.OK},
		{"any, a stream that does not exist", esdb.Any{}, 0, codes.OK},
		{"exact", esdb.Revision(1), 2, codes.OK},
		{"behind", esdb.Revision(0), 2, codes.FailedPrecondition},
		{"ahead", esdb.Revision(5), 2, codes.FailedPrecondition},
		{"no stream", esdb.NoStream{}, 0, codes.OK},
		{"no stream, but there is one", esdb.NoStream{}, 1, codes.FailedPrecondition},
		{"stream exists", esdb.StreamExists{}, 1, codes.OK},
		{"stream exists, but there is none", esdb.StreamExists{}, 0, codes.FailedPrecondition},
	}
	for _, c := range cases {
		s.run(t, "soft/"+c.name, func(t *testing.T) {
			stream := esdbtest.Unique("delete")
			if c.events > 0 {
				esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(c.events)...)
			}
			result, err := client.DeleteStream(esdbtest.Within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: c.expected})
			checkDelete(t, result, err, c.want)
			if c.want == codes.OK {
				_, err := esdbtest.Collect(client.ReadStream(esdbtest.Within(t), stream, esdb.ReadStreamOptions{}, 1))
				if esdbtest.CodeOf(err) != esdb.ErrorCodeResourceNotFound {
					t.Fatalf("the deleted stream reads as %v", err)
				}
			}
		})
		s.run(t, "tombstone/"+c.name, func(t *testing.T) {
			stream := esdbtest.Unique("tombstone")
			if c.events > 0 {
				esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(c.events)...)
			}
			result, err := client.TombstoneStream(esdbtest.Within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: c.expected})
			checkDelete(t, result, err, c.want)
			if c.want != codes.OK {
				return
			}
			_, err = esdbtest.Collect(client.ReadStream(esdbtest.Within(t), stream, esdb.ReadStreamOptions{}, 1))
			if esdbtest.CodeOf(err) != esdb.ErrorCodeStreamDeleted {
				t.Errorf("the tombstoned stream reads as %v", err)
			}
			_, err = client.DeleteStream(esdbtest.Within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
			if esdbtest.CodeOf(err) != esdb.ErrorCodeStreamDeleted {
				t.Errorf("deleting the tombstoned stream: %v", err)
			}
			_, err = client.TombstoneStream(esdbtest.Within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
			if esdbtest.CodeOf(err) != esdb.ErrorCodeStreamDeleted {
				t.Errorf("a second tombstone: %v", err)
			}
		})
	}
}

func checkDelete(t *testing.T, result *esdb.DeleteResult, err error, want codes.Code) {
	t.Helper()
	if esdbtest.StatusOf(err) != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if err == nil && result.Position.Commit == 0 {
		t.Fatalf("position %+v", result.Position)
	}
}

func (s *suite) deletedStreamGoesOn(t *testing.T, client *esdb.Client) {
	stream := esdbtest.Unique("again")
	esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(3)...)
	esdbtest.Delete(t, client, stream)
	result := esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(2)...)
	if result.NextExpectedVersion != 4 {
		t.Errorf("goes on at %d, want 4", result.NextExpectedVersion)
	}
	if got := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 10)); !slices.Equal(got, []uint64{3, 4}) {
		t.Errorf("forwards %d", got)
	}
	if got := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 10)); !slices.Equal(got, []uint64{4, 3}) {
		t.Errorf("backwards %d", got)
	}
	// a second time, with metadata that does not speak of the cut
	esdbtest.Delete(t, client, stream)
	esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(100) })
	esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(1)...)
	if got := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 10)); !slices.Equal(got, []uint64{5}) {
		t.Errorf("after the second time %d", got)
	}
}

func (s *suite) metadata(t *testing.T, client *esdb.Client) {
	cases := []struct {
		name  string
		set   func(*esdb.StreamMetadata)
		later int // events appended after it is set, to the 5 before
		want  []uint64
	}{
		{"max count", func(m *esdb.StreamMetadata) { m.SetMaxCount(2) }, 0, []uint64{3, 4}},
		{"max count, later events", func(m *esdb.StreamMetadata) { m.SetMaxCount(2) }, 2, []uint64{5, 6}},
		{"max count above the length", func(m *esdb.StreamMetadata) { m.SetMaxCount(50) }, 0, []uint64{0, 1, 2, 3, 4}},
		{"truncate before", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(3) }, 1, []uint64{3, 4, 5}},
		{"truncate before all", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(50) }, 1, []uint64{}},
		{"both", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(1); m.SetMaxCount(3) }, 0, []uint64{2, 3, 4}},
		{"max age above", func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Hour) }, 1, []uint64{0, 1, 2, 3, 4, 5}},
		{"something else", func(m *esdb.StreamMetadata) { m.AddCustomProperty("owner", "spec") }, 0, []uint64{0, 1, 2, 3, 4}},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			stream := esdbtest.Unique("metadata")
			esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(5)...)
			esdbtest.SetMetadata(t, client, stream, c.set)
			if c.later > 0 {
				esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(c.later)...)
			}
			got := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 100))
			if !slices.Equal(got, c.want) {
				t.Errorf("forwards %d, want %d", got, c.want)
			}
			back := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 100))
			slices.Reverse(back)
			if !slices.Equal(back, c.want) {
				t.Errorf("backwards, turned round, %d, want %d", back, c.want)
			}
		})
	}
	s.run(t, "the last one counts", func(t *testing.T) {
		stream := esdbtest.Unique("metadata")
		esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(2) })
		esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(9) })
		m, err := client.GetStreamMetadata(esdbtest.Within(t), stream, esdb.ReadStreamOptions{})
		if err != nil || m.MaxCount() == nil || *m.MaxCount() != 9 {
			t.Fatalf("metadata %+v, %v", m, err)
		}
	})
	s.run(t, "max age", func(t *testing.T) {
		stream := esdbtest.Unique("metadata")
		esdbtest.Append(t, client, stream, esdb.NoStream{}, esdbtest.Numbered(5)...)
		esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Second) })
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for deadline := time.Now().Add(esdbtest.Patience); len(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 9)) > 0; <-tick.C {
			if time.Now().After(deadline) {
				t.Fatal("the events do not age")
			}
		}
		esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(1)...)
		if got := esdbtest.Revisions(esdbtest.ReadStream(t, client, stream, esdb.ReadStreamOptions{}, 9)); !slices.Equal(got, []uint64{5}) {
			t.Fatalf("a new event beside the aged ones: %d", got)
		}
	})
}
