package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// A cluster writes its system streams by projections, some time after the
// events, so that the cases subscribe rather than read at once. What else is
// in them belongs to others.

// systemStreams tries each kind of them with events in streams of a category
// of the case's own, with types and a correlation of its own.
func (s *suite) systemStreams(t *testing.T, client *esdb.Client) {
	own := strings.ReplaceAll(uuid.NewString(), "-", "")
	category, kind, correlation := "cat"+own, "Kind"+own, "corr"+own
	one, two := category+"-1-a", category+"-2"
	correlated := func(id string) []byte { return fmt.Appendf(nil, `{"$correlationId":%q,"actor":"spec"}`, id) }
	put := func(stream, kind string, metadata []byte) {
		e := esdbtest.Event(kind)
		e.Metadata = metadata
		esdbtest.Append(t, client, stream, esdb.Any{}, e)
	}
	put(one, kind, correlated(correlation))
	put(two, kind, nil)
	put(one, kind+"Other", correlated(correlation))
	put("other"+own+"-1", kind, correlated("x"+correlation))
	put(own, kind, []byte(`"$correlationId"`))
	cases := []struct {
		name, stream string
		want         []string
	}{
		{"by category, up to the first dash", "$ce-" + category, []string{"0@" + one, "0@" + two, "1@" + one}},
		{"by type", "$et-" + kind, []string{"0@" + one, "0@" + two, "0@other" + own + "-1", "0@" + own}},
		{"by another type", "$et-" + kind + "Other", []string{"1@" + one}},
		{"by correlation", "$bc-" + correlation, []string{"0@" + one, "1@" + one}},
	}
	for _, c := range cases {
		s.run(t, c.name+", live", func(t *testing.T) {
			for _, resolve := range []bool{false, true} {
				sub := esdbtest.Subscribe(t, client, c.stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}, ResolveLinkTos: resolve})
				for i, want := range c.want {
					checkLink(t, nextAppeared(t, sub), c.stream, uint64(i), want, resolve)
				}
			}
		})
		s.run(t, c.name+", resumed", func(t *testing.T) {
			for i := range len(c.want) - 1 {
				sub := esdbtest.Subscribe(t, client, c.stream, esdb.SubscribeToStreamOptions{From: esdb.Revision(uint64(i)), ResolveLinkTos: true})
				checkLink(t, nextAppeared(t, sub), c.stream, uint64(i+1), c.want[i+1], true)
			}
		})
		s.run(t, c.name+", forwards and backwards", func(t *testing.T) {
			for _, direction := range []esdb.Direction{esdb.Forwards, esdb.Backwards} {
				options := esdb.ReadStreamOptions{Direction: direction, From: esdb.Start{}, ResolveLinkTos: true}
				if direction == esdb.Backwards {
					options.From = esdb.End{}
				}
				read := esdbtest.ReadStream(t, client, c.stream, options, 100)
				if direction == esdb.Backwards {
					slices.Reverse(read)
				}
				if len(read) != len(c.want) {
					t.Fatalf("%d events, want %d", len(read), len(c.want))
				}
				for i, e := range read {
					checkLink(t, e, c.stream, uint64(i), c.want[i], true)
				}
			}
		})
	}
	s.run(t, "the first event of each stream", func(t *testing.T) {
		sub := esdbtest.Subscribe(t, client, "$streams", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
		want := []string{"0@" + one, "0@" + two, "0@other" + own + "-1", "0@" + own}
		for len(want) > 0 {
			if e := nextAppeared(t, sub); string(e.OriginalEvent().Data) == want[0] {
				want = want[1:]
			} else if strings.Contains(string(e.OriginalEvent().Data), own) {
				t.Fatalf("got %s, want %s", e.OriginalEvent().Data, want[0])
			}
		}
	})
	s.run(t, "a deleted event's link stays, with nothing behind it", func(t *testing.T) {
		esdbtest.Tombstone(t, client, two)
		sub := esdbtest.Subscribe(t, client, "$ce-"+category, esdb.SubscribeToStreamOptions{From: esdb.Revision(0), ResolveLinkTos: true})
		if e := nextAppeared(t, sub); e.Event != nil || e.Link == nil || string(e.Link.Data) != "0@"+two {
			t.Errorf("got %+v", e)
		}
		checkLink(t, nextAppeared(t, sub), "$ce-"+category, 2, "1@"+one, true)
	})
}

func nextAppeared(t testing.TB, sub *esdb.Subscription) *esdb.ResolvedEvent {
	t.Helper()
	for {
		if e := esdbtest.Next(t, sub); e.EventAppeared != nil {
			return e.EventAppeared
		}
	}
}

func checkLink(t testing.TB, e *esdb.ResolvedEvent, stream string, revision uint64, target string, resolved bool) {
	t.Helper()
	link := e.OriginalEvent()
	if link.StreamID != stream || link.EventNumber != revision || link.EventType != "$>" || string(link.Data) != target {
		t.Fatalf("got %s@%d, %s %s, want a link at %d to %s", link.StreamID, link.EventNumber, link.EventType, link.Data, revision, target)
	}
	if resolved && (e.Event == nil || fmt.Sprintf("%d@%s", e.Event.EventNumber, e.Event.StreamID) != target) {
		t.Fatalf("the link to %s leads to %+v", target, e.Event)
	}
}

// systemStreamsToGroups: a system stream is what a persistent subscription
// follows most.
func (s *suite) systemStreamsToGroups(t *testing.T, client *esdb.Client) {
	category := "cat" + strings.ReplaceAll(uuid.NewString(), "-", "")
	esdbtest.CreateGroup(t, client, "$ce-"+category, "g", func(o *esdb.PersistentSubscriptionSettings) { o.ResolveLinkTos = true })
	events := esdbtest.Numbered(4)
	esdbtest.Append(t, client, category+"-1", esdb.Any{}, events[0], events[1])
	esdbtest.Append(t, client, category+"-2", esdb.Any{}, events[2], events[3])
	consumer := esdbtest.Join(t, client, "$ce-"+category, "g", 10)
	for i, got := range consumer.Take(4) {
		if got.Event.Event == nil || got.Event.Event.EventID != events[i].EventID {
			t.Errorf("event %d is %+v", i, got.Event)
		}
	}
	esdbtest.UntilInfo(t, client, "$ce-"+category, "g", esdbtest.SettledAt(3))
}
