package node_test

import (
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

func TestSpecDelete(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
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
			t.Run("soft/"+c.name, func(t *testing.T) {
				stream := unique("delete")
				if c.events > 0 {
					appendEvents(t, client, stream, esdb.NoStream{}, numbered(c.events)...)
				}
				result, err := client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: c.expected})
				checkDelete(t, result, err, c.want)
				if c.want == codes.OK {
					_, err := collect(client.ReadStream(within(t), stream, esdb.ReadStreamOptions{}, 1))
					if codeOf(err) != esdb.ErrorCodeResourceNotFound {
						t.Fatalf("the deleted stream reads as %v", err)
					}
				}
			})
			t.Run("tombstone/"+c.name, func(t *testing.T) {
				stream := unique("tombstone")
				if c.events > 0 {
					appendEvents(t, client, stream, esdb.NoStream{}, numbered(c.events)...)
				}
				result, err := client.TombstoneStream(within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: c.expected})
				checkDelete(t, result, err, c.want)
				if c.want != codes.OK {
					return
				}
				_, err = collect(client.ReadStream(within(t), stream, esdb.ReadStreamOptions{}, 1))
				if codeOf(err) != esdb.ErrorCodeStreamDeleted {
					t.Errorf("the tombstoned stream reads as %v", err)
				}
				_, err = client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
				if codeOf(err) != esdb.ErrorCodeStreamDeleted {
					t.Errorf("deleting the tombstoned stream: %v", err)
				}
				_, err = client.TombstoneStream(within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
				if codeOf(err) != esdb.ErrorCodeStreamDeleted {
					t.Errorf("a second tombstone: %v", err)
				}
			})
		}
	})
}

func checkDelete(t *testing.T, result *esdb.DeleteResult, err error, want codes.Code) {
	t.Helper()
	if grpcCode(err) != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if err == nil && result.Position.Commit == 0 {
		t.Fatalf("position %+v", result.Position)
	}
}

func TestSpecDeletedStreamGoesOn(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
		stream := unique("again")
		appendEvents(t, client, stream, esdb.NoStream{}, numbered(3)...)
		deleteStream(t, client, stream)
		result := appendEvents(t, client, stream, esdb.NoStream{}, numbered(2)...)
		if result.NextExpectedVersion != 4 {
			t.Errorf("goes on at %d, want 4", result.NextExpectedVersion)
		}
		if got := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{}, 10)); !slices.Equal(got, []uint64{3, 4}) {
			t.Errorf("forwards %d", got)
		}
		if got := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 10)); !slices.Equal(got, []uint64{4, 3}) {
			t.Errorf("backwards %d", got)
		}
		// a second time, with metadata that does not speak of the cut
		deleteStream(t, client, stream)
		setMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(100) })
		appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
		if got := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{}, 10)); !slices.Equal(got, []uint64{5}) {
			t.Errorf("after the second time %d", got)
		}
	})
}

func TestSpecMetadata(t *testing.T) {
	onEachStore(t, func(t *testing.T, client *esdb.Client) {
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
			t.Run(c.name, func(t *testing.T) {
				stream := unique("metadata")
				appendEvents(t, client, stream, esdb.NoStream{}, numbered(5)...)
				setMetadata(t, client, stream, c.set)
				if c.later > 0 {
					appendEvents(t, client, stream, esdb.Any{}, numbered(c.later)...)
				}
				got := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{}, 100))
				if !slices.Equal(got, c.want) {
					t.Errorf("forwards %d, want %d", got, c.want)
				}
				back := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 100))
				slices.Reverse(back)
				if !slices.Equal(back, c.want) {
					t.Errorf("backwards, turned round, %d, want %d", back, c.want)
				}
			})
		}
		t.Run("the last one counts", func(t *testing.T) {
			stream := unique("metadata")
			setMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(2) })
			setMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(9) })
			m, err := client.GetStreamMetadata(within(t), stream, esdb.ReadStreamOptions{})
			if err != nil || m.MaxCount() == nil || *m.MaxCount() != 9 {
				t.Fatalf("metadata %+v, %v", m, err)
			}
		})
		t.Run("max age", func(t *testing.T) {
			stream := unique("metadata")
			appendEvents(t, client, stream, esdb.NoStream{}, numbered(5)...)
			setMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Second) })
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for deadline := time.Now().Add(patience); len(readStream(t, client, stream, esdb.ReadStreamOptions{}, 9)) > 0; <-tick.C {
				if time.Now().After(deadline) {
					t.Fatal("the events do not age")
				}
			}
			appendEvents(t, client, stream, esdb.Any{}, numbered(1)...)
			if got := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{}, 9)); !slices.Equal(got, []uint64{5}) {
				t.Fatalf("a new event beside the aged ones: %d", got)
			}
		})
	})
}
