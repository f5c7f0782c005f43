package eventlog

import "sync"

// state is what the log knows of a stream, its metadata included.
type state struct {
	number uint64 // in index keys; 0: the stream never had an event
	last   int64  // revision of the last event; -1: none
	meta   metadata
}

func (s *state) tombstoned() bool { return s.last == tombstoneRevision }

// stateCache remembers the streams used last. Two generations bound it: when
// the young one is full it becomes the old one, and what was old is forgotten.
// The writer alone puts, only what is synced; anyone gets.
type stateCache struct {
	mu         sync.RWMutex
	young, old map[string]state
}

// cacheGeneration streams make a generation, some 10 MB when full.
const cacheGeneration = 32 << 10

func newStateCache() *stateCache {
	return &stateCache{young: map[string]state{}}
}

func (c *stateCache) get(name string) (state, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s, ok := c.young[name]; ok {
		return s, true
	}
	s, ok := c.old[name]
	return s, ok
}

func (c *stateCache) put(states map[string]*state) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, s := range states {
		if len(c.young) >= cacheGeneration {
			c.young, c.old = make(map[string]state, cacheGeneration), c.young
		}
		c.young[name] = *s
	}
}

// clear forgets all of them.
func (c *stateCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old = map[string]state{}, nil
}

// written is where an event id was appended.
type written struct {
	stream   uint64
	revision int64
	position uint64
}

// recentIDs holds the ids appended last, by which a repeated append is
// recognised. The oldest goes when a new one finds no room. Only the writer
// touches it.
type recentIDs struct {
	at   map[ID]written
	ring []ID
	next int
}

// recentCount ids are remembered, over a restart too; some 8 MB.
const recentCount = 1 << 16

func newRecentIDs() *recentIDs {
	return &recentIDs{at: make(map[ID]written), ring: make([]ID, 0, 1024)}
}

func (r *recentIDs) add(id ID, w written) {
	if _, ok := r.at[id]; ok {
		r.at[id] = w // the same id in another stream: the later one counts
		return
	}
	if len(r.ring) < recentCount {
		r.ring = append(r.ring, id)
	} else {
		delete(r.at, r.ring[r.next])
		r.ring[r.next] = id
		r.next = (r.next + 1) % recentCount
	}
	r.at[id] = w
}
