package eventlog

import (
	"cmp"
	"errors"
	"fmt"
)

// Expected is what an append wants the stream to be: a revision, or one of
// the values below.
type Expected int64

// The wishes that are not a revision.
const (
	Any          Expected = -2 // whatever it is
	NoStream     Expected = -1 // without events
	StreamExists Expected = -4 // with events, or at least with metadata
)

func (e Expected) String() string {
	switch e {
	case Any:
		return "any"
	case NoStream:
		return "no stream"
	case StreamExists:
		return "that the stream exists"
	}
	return fmt.Sprintf("revision %d", int64(e))
}

// A ConflictError says that the stream is not what was expected.
type ConflictError struct {
	Stream   string
	Expected Expected
	Current  int64 // the last revision; -1: no event
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("stream %q: expected %s, but it is at revision %d", e.Stream, e.Expected, e.Current)
}

// decide holds the request against the stream and what is known of its ids.
// It returns where the events were written when they have been written before,
// nil when they are to be written now. The rules are EventStoreDB's:
//
//   - A tombstoned stream takes nothing. A soft deleted one takes Any,
//     NoStream and its exact revision.
//   - Any and StreamExists: the request is a repetition when its first id is
//     among the ids of this stream that are remembered; then all must be.
//   - An exact revision, or NoStream, behind the stream's: it is a repetition
//     when the events that follow that revision have these ids.
//   - Only a part known is a conflict, because one of both requests is wrong.
func (g *group) decide(s *state, r *request) (*written, error) {
	if s.tombstoned() {
		return nil, &DeletedError{Stream: r.stream}
	}
	conflict := &ConflictError{Stream: r.stream, Expected: r.expected, Current: s.last}
	if r.expected == StreamExists {
		if s.meta.deleted() {
			return nil, &DeletedError{Stream: r.stream}
		}
		if ok, err := g.exists(s, r.stream); err != nil || !ok {
			return nil, cmp.Or(err, error(conflict))
		}
	}
	switch {
	case r.expected == Any || r.expected == StreamExists:
		return g.repeatedByID(s, r, conflict)
	case int64(r.expected) < s.last:
		return g.repeatedByRevision(s, r, conflict)
	case int64(r.expected) > s.last:
		return nil, conflict
	}
	return nil, nil
}

func (g *group) exists(s *state, stream string) (bool, error) {
	if s.last >= 0 {
		return true, nil
	}
	m, err := g.state(metastream(stream))
	if err != nil {
		return false, err
	}
	return m.last >= 0, nil
}

func (g *group) repeatedByID(s *state, r *request, conflict error) (*written, error) {
	var last *written
	for i := range r.events {
		w, known := g.writtenID(r.events[i].ID)
		known = known && s.number != 0 && w.stream == s.number
		switch {
		case !known && i == 0:
			return nil, nil
		case !known:
			return nil, conflict
		}
		last = &w
	}
	return last, nil
}

func (g *group) repeatedByRevision(s *state, r *request, conflict error) (*written, error) {
	if len(r.events) == 0 {
		return nil, conflict
	}
	var last *written
	for i := range r.events {
		w, err := g.writtenAt(s, r.events[i].ID, int64(r.expected)+1+int64(i))
		if err != nil {
			return nil, err
		}
		if w == nil {
			if i == 0 && r.expected == NoStream && s.meta.deleted() {
				return nil, nil // goes on where the deleted stream ended
			}
			return nil, conflict
		}
		last = w
	}
	return last, nil
}

// writtenAt is where the event with this id is, if that is the revision given.
func (g *group) writtenAt(s *state, id ID, revision int64) (*written, error) {
	if w, ok := g.writtenID(id); ok && w.stream == s.number && w.revision == revision {
		return &w, nil
	}
	r, err := g.log.at(&g.page, s.number, revision)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil || r.ID != id {
		return nil, err
	}
	return &written{stream: s.number, revision: r.Revision, position: r.Position}, nil
}
