package node_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// modelStore is what the node should be, in memory and without its speed.
type modelStore struct {
	log     []*modelEvent // by position, from 1
	streams map[string]*modelStream
	system  map[string][]modelLink
	numbers map[string]int64 // the revision given last in a system stream
	written map[uuid.UUID]*modelEvent
}

type modelEvent struct {
	id                  uuid.UUID
	stream, kind        string
	revision            int64
	position            uint64
	data, correlationID string
	gone                bool // scavenged
}

type modelLink struct {
	revision int64
	to       *modelEvent
}

type modelStream struct {
	events     map[int64]*modelEvent
	last       int64
	maxCount   int64 // 0: none
	before     int64
	tombstoned bool
}

const (
	modelDeleted   = math.MaxInt64
	modelTombstone = math.MaxInt64
)

// What an operation may end with, beside success.
type modelOutcome string

const (
	outcomeOK       modelOutcome = "ok"
	outcomeConflict modelOutcome = "conflict"
	outcomeDeleted  modelOutcome = "deleted"
	outcomeNotFound modelOutcome = "not found"
)

// Expectations that are not a revision.
const (
	modelAny    int64 = -2
	modelNone   int64 = -1
	modelExists int64 = -4
)

func newModelStore() *modelStore {
	return &modelStore{streams: map[string]*modelStream{}, system: map[string][]modelLink{},
		numbers: map[string]int64{}, written: map[uuid.UUID]*modelEvent{}}
}

func (m *modelStore) stream(name string) *modelStream {
	s := m.streams[name]
	if s == nil {
		s = &modelStream{events: map[int64]*modelEvent{}, last: -1}
		if strings.HasPrefix(name, "$$") {
			s.maxCount = 1
		}
		m.streams[name] = s
	}
	return s
}

// decide says whether to write; otherwise it is the outcome, and the revision
// of an append that is a repetition.
func (m *modelStore) decide(name string, expected int64, ids []uuid.UUID) (write bool, revision int64, outcome modelOutcome) {
	s := m.stream(name)
	if s.tombstoned {
		return false, 0, outcomeDeleted
	}
	if expected == modelExists {
		if s.before == modelDeleted {
			return false, 0, outcomeDeleted
		}
		if s.last < 0 && m.stream("$$"+name).last < 0 {
			return false, 0, outcomeConflict
		}
	}
	known := func(id uuid.UUID, revision int64) bool {
		e := m.written[id]
		if e == nil || e.stream != name {
			e = s.events[revision]
		}
		return e != nil && e.id == id && e.stream == name && (revision < 0 || e.revision == revision)
	}
	switch {
	case expected == modelAny || expected == modelExists:
		for i, id := range ids {
			if !known(id, -1) {
				if i == 0 {
					return true, 0, outcomeOK
				}
				return false, 0, outcomeConflict
			}
			revision = m.written[id].revision
		}
		return len(ids) == 0, revision, outcomeOK
	case expected > s.last:
		return false, 0, outcomeConflict
	case expected == s.last:
		return true, 0, outcomeOK
	}
	for i, id := range ids {
		if e := s.events[expected+1+int64(i)]; e == nil || e.id != id {
			if i == 0 && expected == modelNone && s.before == modelDeleted {
				return true, 0, outcomeOK
			}
			return false, 0, outcomeConflict
		}
	}
	if len(ids) == 0 {
		return false, 0, outcomeConflict
	}
	return false, expected + int64(len(ids)), outcomeOK
}

func (m *modelStore) append(name string, expected int64, events []modelEvent) (int64, modelOutcome) {
	ids := make([]uuid.UUID, len(events))
	for i, e := range events {
		ids[i] = e.id
	}
	write, revision, outcome := m.decide(name, expected, ids)
	if !write {
		return revision, outcome
	}
	s := m.stream(name)
	first := s.last + 1
	for _, e := range events {
		m.add(name, s.last+1, e)
	}
	if len(events) > 0 && s.before == modelDeleted {
		m.describe(name, s.maxCount, first)
	}
	return s.last, outcomeOK
}

func (m *modelStore) add(name string, revision int64, e modelEvent) {
	s := m.stream(name)
	e.stream, e.revision, e.position = name, revision, uint64(len(m.log)+1)
	m.log = append(m.log, &e)
	s.events[revision], s.last = &e, revision
	m.written[e.id] = &e
	if revision == modelTombstone {
		s.tombstoned = true
		return
	}
	if category, _, ok := strings.Cut(name, "-"); ok && !strings.HasPrefix(name, "$") {
		m.list("$ce-"+category, &e)
	}
	if e.kind != "$>" {
		m.list("$et-"+e.kind, &e)
		if e.correlationID != "" {
			m.list("$bc-"+e.correlationID, &e)
		}
	}
	if revision == 0 {
		m.list("$streams", &e)
	}
}

func (m *modelStore) list(system string, e *modelEvent) {
	m.system[system] = append(m.system[system], modelLink{m.numbers[system], e})
	m.numbers[system]++
}

// describe writes metadata.
func (m *modelStore) describe(name string, maxCount, before int64) {
	m.add("$$"+name, m.stream("$$"+name).last+1, modelEvent{id: uuid.New(), kind: "$metadata"})
	s := m.stream(name)
	s.maxCount, s.before = maxCount, before
}

// setMetadata is describe by a client: what was deleted stays so.
func (m *modelStore) setMetadata(name string, maxCount, before int64) modelOutcome {
	s := m.stream(name)
	if s.tombstoned {
		return outcomeDeleted
	}
	wasDeleted := s.before == modelDeleted
	m.describe(name, maxCount, before)
	if wasDeleted && s.last >= 0 && before <= s.last {
		m.describe(name, maxCount, s.last+1)
	}
	return outcomeOK
}

func (m *modelStore) delete(name string, expected int64) modelOutcome {
	write, _, outcome := m.decide(name, expected, nil)
	if write {
		m.describe(name, 0, modelDeleted)
	}
	return outcome
}

func (m *modelStore) tombstone(name string, expected int64) modelOutcome {
	write, _, outcome := m.decide(name, expected, nil)
	if write {
		m.add(name, modelTombstone, modelEvent{id: uuid.New(), kind: "$streamDeleted"})
	}
	return outcome
}

// window is what can be seen of a stream.
func (m *modelStore) window(name string) (first, last int64, outcome modelOutcome) {
	s := m.stream(name)
	base, _ := strings.CutPrefix(name, "$$")
	switch {
	case s.tombstoned || m.stream(base).tombstoned:
		return 0, 0, outcomeDeleted
	case s.last < 0 || s.before == modelDeleted:
		return 0, 0, outcomeNotFound
	}
	first = s.before
	if s.maxCount > 0 {
		first = max(first, s.last-s.maxCount+1)
	}
	return first, s.last, outcomeOK
}

// seen is the event, if it can be.
func (m *modelStore) seen(name string, revision int64) *modelEvent {
	first, last, outcome := m.window(name)
	if outcome != outcomeOK || revision < first || revision > last {
		return nil
	}
	return m.streams[name].events[revision]
}

// scavenge takes out what can't be seen, but for the last event of a stream.
func (m *modelStore) scavenge() (taken int64) {
	for _, s := range m.streams {
		before := s.before
		if s.maxCount > 0 {
			before = max(before, s.last-s.maxCount+1)
		}
		if s.tombstoned {
			before = s.last
		}
		for revision, e := range s.events {
			if revision < min(before, s.last) {
				e.gone = true
				delete(s.events, revision)
				if m.written[e.id] == e {
					delete(m.written, e.id)
				}
				taken++
			}
		}
	}
	for name, links := range m.system {
		var kept []modelLink
		for _, l := range links {
			if !l.to.gone {
				kept = append(kept, l)
			}
		}
		m.system[name] = kept
	}
	return taken
}

// target is what a link to the event says in the system stream.
func (e *modelEvent) target(system string) string {
	if e.kind == "$>" && strings.HasPrefix(system, "$ce-") {
		return e.data
	}
	return fmt.Sprintf("%d@%s", e.revision, e.stream)
}

// behind is the event that the data of a link leads to.
func (m *modelStore) behind(data string) *modelEvent {
	number, stream, ok := strings.Cut(data, "@")
	revision, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return nil
	}
	return m.seen(stream, revision)
}
