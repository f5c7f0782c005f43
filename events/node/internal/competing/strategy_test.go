package competing

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

func testConsumer(buffer int) *Consumer {
	return &Consumer{Out: make(chan Delivery, buffer), flying: map[eventlog.ID][]*message{}}
}

// owned counts the buckets of each consumer.
func owned(m *members) map[*Consumer]int {
	counts := map[*Consumer]int{}
	for _, b := range m.buckets {
		counts[b.owner]++
	}
	return counts
}

// TestBucketsAreShared: whoever comes and goes, each consumer owns its share,
// and no more buckets move than have to.
func TestBucketsAreShared(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	m := newMembers(Pinned)
	for range 200 {
		before := make([]*Consumer, buckets)
		for i, b := range m.buckets {
			before[i] = b.owner
		}
		joins := len(m.all) == 0 || random.IntN(2) == 0 && len(m.all) < 40
		if joins {
			m.add(testConsumer(1))
		} else {
			m.remove(m.all[random.IntN(len(m.all))])
		}
		counts := owned(&m)
		if len(m.all) == 0 {
			if counts[nil] != buckets {
				t.Fatalf("without consumers: %v", counts)
			}
			continue
		}
		for _, c := range m.all {
			if n := counts[c]; n < buckets/len(m.all) || n > buckets/len(m.all)+1 {
				t.Fatalf("one of %d consumers owns %d buckets", len(m.all), n)
			}
		}
		moved := 0
		for i, b := range m.buckets {
			if b.owner != before[i] {
				moved++
			}
		}
		// The share that came or went, and one for each whose share was rounded.
		if most := buckets/max(len(m.all), 1) + 1 + len(m.all); joins && moved > most {
			t.Fatalf("%d buckets moved for %d consumers, at most %d must", moved, len(m.all), most)
		}
	}
}

// TestBucketWaitsForItsFormerOwner: what is in flight elsewhere is not worked
// on by two.
func TestBucketWaitsForItsFormerOwner(t *testing.T) {
	m := newMembers(Pinned)
	first, second := testConsumer(10), testConsumer(10)
	m.add(first)
	held := make([]*message, buckets)
	for i := range held {
		held[i] = &message{bucket: i}
		if m.choose(held[i]) != first {
			t.Fatal("the only consumer is not chosen")
		}
		m.sent(held[i], first)
	}
	m.add(second)
	for i := range held {
		next := &message{bucket: i}
		if m.buckets[i].owner != second {
			continue
		}
		if c := m.choose(next); c != nil {
			t.Fatalf("bucket %d is given to another consumer while it is in flight", i)
		}
		m.settled(held[i])
		if c := m.choose(next); c != second {
			t.Fatalf("bucket %d is not given to its new owner", i)
		}
	}
}

func TestBucketOf(t *testing.T) {
	record := func(stream, kind, metadata, data string) *eventlog.Record {
		return &eventlog.Record{Stream: []byte(stream), Type: []byte(kind), Metadata: []byte(metadata), Data: []byte(data)}
	}
	a := record("a", "A", `{"$correlationId":"x"}`, "")
	b := record("b", "B", `{"$correlationId":"x"}`, "")
	plain := record("a", "A", `not JSON`, "")
	link := record("links", eventlog.TypeLink, "", "0@a")
	pinned, correlated := newMembers(Pinned), newMembers(PinnedByCorrelation)
	for _, c := range []struct {
		name        string
		by          *members
		one, other  *message
		sameBuckets bool
	}{
		{"two streams", &pinned, &message{event: a}, &message{event: b}, false},
		{"one stream", &pinned, &message{event: a}, &message{event: plain}, true},
		{"a link and its event", &pinned, &message{event: link}, &message{event: a}, true},
		{"a resolved link and its event", &pinned, &message{event: a, link: link}, &message{event: a}, true},
		{"a link that leads nowhere and what it named", &pinned, &message{link: link}, &message{event: a}, true},
		{"one correlation", &correlated, &message{event: a}, &message{event: b}, true},
		{"none, so the stream", &correlated, &message{event: plain}, &message{event: record("a", "B", "", "")}, true},
	} {
		if same := c.by.bucketOf(c.one) == c.by.bucketOf(c.other); same != c.sameBuckets {
			t.Errorf("%s: the same bucket is %t", c.name, same)
		}
	}
}

func TestTurns(t *testing.T) {
	for strategy, want := range map[Strategy]string{RoundRobin: "0 1 2 0 1 2 ", DispatchToSingle: "0 0 1 1 2 2 "} {
		m := newMembers(strategy)
		for range 3 {
			m.add(testConsumer(2))
		}
		got := ""
		for range 6 {
			c := m.choose(&message{})
			for i := range m.all {
				if m.all[i] == c {
					got += fmt.Sprint(i, " ")
				}
			}
			c.count++
		}
		if got != want {
			t.Errorf("%s: %s, want %s", strategy, got, want)
		}
		if m.free() || m.choose(&message{}) != nil {
			t.Errorf("%s: one that is full is chosen", strategy)
		}
		m.all[1].count = 0
		m.remove(m.all[0])
		if m.choose(&message{}) != m.all[0] {
			t.Errorf("%s: the one with room is not chosen", strategy)
		}
	}
}
