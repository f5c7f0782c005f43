package gateway

import (
	"slices"
	"sync"

	"github.com/playcast/playcast/events"
)

// memories are what this process alone knows, and may forget.
type memories struct {
	names *names
	codes memory[events.CodeHash, events.SessionID] // which session a code opened last
}

// maxKnown bounds a memory.
const maxKnown = 10_000

// memory keeps what was known of some. Where it is full, any of them is forgotten.
type memory[K comparable, V any] struct {
	mu sync.Mutex
	of map[K]V
}

func (m *memory[K, V]) put(of K, known V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[K]V{}
	}
	if _, again := m.of[of]; !again && len(m.of) >= maxKnown {
		for other := range m.of {
			delete(m.of, other)
			break
		}
	}
	m.of[of] = known
}

func (m *memory[K, V]) get(of K) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of[of]
}

// maxUnseen bounds the sessions that the read side may not have seen.
const maxUnseen = 32

// lastKnown is what a player may have open: what the read side said last, and what
// it had not seen when it was requested here. Its lists are not changed.
type lastKnown struct{ told, unseen []events.SessionID }

func (k lastKnown) all() []events.SessionID {
	all := slices.Clone(k.told)
	for _, id := range k.unseen {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// opened remembers a session that was requested.
func (a *admission) opened(of events.PlayerID, id events.SessionID) {
	known := a.known.get(of)
	if slices.Contains(known.all(), id) {
		return
	}
	kept := known.unseen[max(0, len(known.unseen)-maxUnseen+1):]
	known.unseen = append(slices.Clone(kept), id)
	a.known.put(of, known)
}
