package spec

import (
	"errors"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// badInput: what can't be done is refused with an error that says so, nothing
// is appended, and the store goes on.
func (s *suite) badInput(t *testing.T, client *esdb.Client) {
	large := func(size int) esdb.EventData {
		e := esdbtest.Event("Large")
		e.Data = make([]byte, size)
		return e
	}
	appends := func(stream string, events ...esdb.EventData) func(t *testing.T) error {
		return func(t *testing.T) error {
			_, err := client.AppendToStream(esdbtest.Within(t), stream, esdb.AppendToStreamOptions{}, events...)
			return err
		}
	}
	own := uuid.NewString()
	cases := []struct {
		name string
		try  func(t *testing.T) error
	}{
		{"append to a stream without a name", appends("", esdbtest.Event("X"))},
		{"append to $all", appends("$all", esdbtest.Event("X"))},
		{"append metadata of metadata", appends("$$$$"+own, esdbtest.Event("X"))},
		{"append an event of 2 MiB", appends("bad-"+own, large(2<<20))},
		{"append small ones of 2 MiB together", appends("bad-"+own, large(700<<10), large(700<<10), large(700<<10))},
		{"append an event without a type", appends("bad-"+own, esdb.EventData{EventID: uuid.New(), Data: []byte("{}")})},
		{"delete metadata", func(t *testing.T) error {
			_, err := client.DeleteStream(esdbtest.Within(t), "$$"+own, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
			return err
		}},
		{"read a stream without a name", func(t *testing.T) error {
			_, err := esdbtest.Collect(client.ReadStream(esdbtest.Within(t), "", esdb.ReadStreamOptions{}, 1))
			return err
		}},
		{"subscribe to a stream without a name", func(t *testing.T) error {
			_, err := client.SubscribeToStream(esdbtest.Within(t), "", esdb.SubscribeToStreamOptions{})
			return err
		}},
		{"a filter that does not compile", func(t *testing.T) error {
			_, err := client.SubscribeToAll(esdbtest.Within(t), esdb.SubscribeToAllOptions{
				Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "*("}})
			return err
		}},
		{"a group of no name", func(t *testing.T) error {
			return client.CreatePersistentSubscription(esdbtest.Within(t), "bad-"+own, "", esdb.PersistentStreamSubscriptionOptions{})
		}},
	}
	for _, c := range cases {
		s.run(t, c.name, func(t *testing.T) {
			err := c.try(t)
			var e *esdb.Error
			if err == nil || !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if esdbtest.CodeOf(err) == esdb.ErrorCodeUnknown && !strings.Contains(err.Error(), "rpc error") {
				t.Errorf("nobody can tell what is wrong from %q", err)
			}
		})
	}
	s.run(t, "nothing of it was appended", func(t *testing.T) {
		_, err := esdbtest.Collect(client.ReadStream(esdbtest.Within(t), "bad-"+own, esdb.ReadStreamOptions{}, 1))
		if esdbtest.CodeOf(err) != esdb.ErrorCodeResourceNotFound {
			t.Errorf("got %v", err)
		}
	})
	s.run(t, "the store goes on", func(t *testing.T) {
		if r := esdbtest.Append(t, client, "bad-"+own, esdb.NoStream{}, esdbtest.Event("Good")); r.NextExpectedVersion != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// cutInAll: $all has what streams no longer show, and links to it lead nowhere.
func (s *suite) cutInAll(t *testing.T, client *esdb.Client) {
	for name, cut := range map[string]func(stream string){
		"max count": func(stream string) {
			esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(1) })
		},
		"truncated": func(stream string) {
			esdbtest.SetMetadata(t, client, stream, func(m *esdb.StreamMetadata) { m.SetTruncateBefore(2) })
		},
		"soft deleted": func(stream string) { esdbtest.Delete(t, client, stream) },
		"tombstoned":   func(stream string) { esdbtest.Tombstone(t, client, stream) },
	} {
		s.run(t, name, func(t *testing.T) {
			stream := esdbtest.Unique("cut")
			first := esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Event("Cut"))
			esdbtest.Append(t, client, stream, esdb.Any{}, esdbtest.Numbered(2)...)
			links := esdbtest.Unique("links")
			esdbtest.Append(t, client, links, esdb.Any{}, esdb.EventData{EventID: uuid.New(), EventType: "$>", Data: []byte("0@" + stream)})
			cut(stream)
			at := esdb.Position{Commit: first.CommitPosition, Prepare: first.PreparePosition}
			all, err := esdbtest.Collect(client.ReadAll(esdbtest.Within(t), esdb.ReadAllOptions{From: at}, 1))
			if err != nil || len(all) != 1 || all[0].Event.StreamID != stream || all[0].Event.EventType != "Cut" {
				t.Errorf("$all has %+v there, %v", all, err)
			}
			read := esdbtest.ReadStream(t, client, links, esdb.ReadStreamOptions{ResolveLinkTos: true}, 1)
			if len(read) != 1 || read[0].Event != nil || read[0].Link == nil {
				t.Errorf("the link leads to %+v", read[0])
			}
		})
	}
}
