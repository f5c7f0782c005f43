// Package spec is what every server of this protocol does, as cases over the
// public client. They make streams of their own, so that they can be tried on
// a store that others use: the embedded node, or a cluster.
package spec

import (
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/storetest/esdbtest"
)

// A Store returns the connection string of the store to try. It is asked once
// for each group of cases, which may all have the same one.
type Store func(t testing.TB) string

// Run tries every case and returns how many there were.
func Run(t *testing.T, store Store) int {
	s := &suite{ran: map[string]bool{}}
	t.Run("spec", func(t *testing.T) { // waits for the groups, which run beside each other
		for _, g := range s.groups() {
			s.run(t, g.name, func(t *testing.T) {
				t.Parallel()
				g.cases(t, esdbtest.Connect(t, store(t)))
			})
		}
	})
	return s.count()
}

// suite counts the cases. A case with cases below it is none itself.
type suite struct {
	mu  sync.Mutex
	ran map[string]bool // by name, whether it is a case
}

type group struct {
	name  string
	cases func(t *testing.T, client *esdb.Client)
}

func (s *suite) groups() []group {
	return []group{
		{"expected revision", s.expectedRevision},
		{"repeated append", s.repeatedAppend},
		{"append keeps the event", s.appendKeepsTheEvent},
		{"refused append", s.refusedAppend},
		{"delete", s.delete},
		{"deleted stream goes on", s.deletedStreamGoesOn},
		{"metadata", s.metadata},
		{"read stream", s.readStream},
		{"read many pages", s.readManyPages},
		{"read all", s.readAll},
		{"links", s.links},
		{"subscribe to stream", s.subscribeToStream},
		{"subscribe to all", s.subscribeToAll},
		{"slow subscriber", s.slowSubscriber},
		{"tombstone ends subscription", s.tombstoneEndsSubscription},
		{"filter", s.filter},
		{"checkpoints", s.checkpoints},
		{"no gap under writers", s.noGapUnderWriters},
		{"persistent nack", s.persistentNack},
		{"persistent timeout", s.persistentTimeout},
		{"persistent stop", s.persistentStop},
		{"persistent replay", s.persistentReplay},
		{"persistent links", s.persistentLinks},
		{"persistent end", s.persistentEnd},
		{"persistent to all", s.persistentToAll},
		{"persistent vanished", s.persistentVanished},
		{"persistent without timeout", s.persistentWithoutTimeout},
		{"persistent groups", s.persistentGroups},
		{"persistent info", s.persistentInfo},
		{"persistent limit", s.persistentLimit},
		{"persistent update and delete", s.persistentUpdateAndDelete},
		{"persistent checkpoints", s.persistentCheckpoints},
		{"persistent gap", s.persistentGap},
		{"persistent deleted stream", s.persistentDeletedStream},
		{"system streams", s.systemStreams},
		{"system streams to groups", s.systemStreamsToGroups},
		{"bad input", s.badInput},
		{"cut in all", s.cutInAll},
	}
}

// run is t.Run for a case.
func (s *suite) run(t *testing.T, name string, body func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		s.began(t.Name())
		body(t)
	})
}

func (s *suite) began(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran[name] = true
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		delete(s.ran, name[:i])
	}
}

func (s *suite) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ran)
}
