package competing

import (
	"encoding/json"
	"hash/fnv"
	"slices"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// buckets of the pinned strategies.
const buckets = 1024

// members are the consumers of a group and the rule by which they share.
type members struct {
	strategy Strategy
	all      []*Consumer
	turn     int // the consumer whose turn it is
	buckets  []bucket
}

// bucket belongs to an owner. Events in flight at a former owner keep the new
// one waiting, so that a stream's events are not worked on by two at once.
type bucket struct {
	owner  *Consumer
	flying int
	holder *Consumer // whom the flying ones are at
}

func newMembers(strategy Strategy) members {
	m := members{strategy: strategy}
	if m.pinned() {
		m.buckets = make([]bucket, buckets)
	}
	return m
}

func (m *members) pinned() bool { return m.strategy == Pinned || m.strategy == PinnedByCorrelation }

func (m *members) add(c *Consumer) {
	m.all = append(m.all, c)
	m.rebalance()
}

func (m *members) remove(c *Consumer) {
	at := slices.Index(m.all, c)
	m.all = slices.Delete(m.all, at, at+1)
	if m.turn > at {
		m.turn--
	}
	m.rebalance()
}

// rebalance moves as few buckets as it takes to give each consumer its share.
func (m *members) rebalance() {
	if !m.pinned() {
		return
	}
	share := map[*Consumer]int{} // how many more a consumer may own
	for i, c := range m.all {
		share[c] = buckets / len(m.all)
		if i < buckets%len(m.all) {
			share[c]++
		}
	}
	for i := range m.buckets {
		b := &m.buckets[i]
		if share[b.owner] == 0 {
			b.owner = nil // it left, or owns its share already
			continue
		}
		share[b.owner]--
	}
	next := 0
	for i := range m.buckets {
		b := &m.buckets[i]
		for b.owner == nil && next < len(m.all) {
			if c := m.all[next]; share[c] > 0 {
				b.owner = c
				share[c]--
			} else {
				next++
			}
		}
	}
}

// free says whether any consumer takes one more.
func (m *members) free() bool {
	for _, c := range m.all {
		if c.free() {
			return true
		}
	}
	return false
}

// choose returns the consumer for the message, nil while it has to wait.
func (m *members) choose(msg *message) *Consumer {
	if m.pinned() {
		b := &m.buckets[msg.bucket]
		if b.owner == nil || !b.owner.free() || b.flying > 0 && b.holder != b.owner {
			return nil
		}
		return b.owner
	}
	for i := range m.all {
		at := (m.turn + i) % len(m.all)
		c := m.all[at]
		if !c.free() {
			continue
		}
		if m.turn = at; m.strategy == RoundRobin {
			m.turn = (at + 1) % len(m.all)
		}
		return c
	}
	return nil
}

// sent and settled count what of a bucket is in flight.
func (m *members) sent(msg *message, c *Consumer) {
	if m.pinned() {
		b := &m.buckets[msg.bucket]
		b.flying++
		b.holder = c
	}
}

func (m *members) settled(msg *message) {
	if m.pinned() {
		m.buckets[msg.bucket].flying--
	}
}

// bucketOf is where a message belongs: by the stream of its event, or by the
// $correlationId of its metadata where the strategy asks for it and there is
// one.
func (m *members) bucketOf(msg *message) int {
	if !m.pinned() {
		return 0
	}
	by := msg.original().Stream
	if msg.event != nil {
		by = msg.event.Stream
	} else if stream, _, ok := eventlog.ParseLink(msg.link.Data); ok {
		by = []byte(stream)
	}
	if m.strategy == Pinned && msg.event != nil && string(msg.event.Type) == eventlog.TypeLink {
		if stream, _, ok := eventlog.ParseLink(msg.event.Data); ok {
			by = []byte(stream) // not resolved, but it says whose it is
		}
	}
	if m.strategy == PinnedByCorrelation && msg.event != nil {
		var metadata struct {
			Correlation string `json:"$correlationId"`
		}
		if json.Unmarshal(msg.event.Metadata, &metadata) == nil && metadata.Correlation != "" {
			by = []byte(metadata.Correlation)
		}
	}
	h := fnv.New32a()
	h.Write(by)
	return int(h.Sum32() % buckets)
}
