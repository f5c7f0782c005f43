// Package memstore is an events.Store in memory, for tests and simulations. It
// keeps the whole contract but durability.
package memstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Store is a log in memory. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex
	log     []events.Recorded // the event at position p is log[p-1]
	streams map[events.Stream][]int
	keep    map[events.Stream]events.Retention
	grown   chan struct{} // closed and replaced with each append
	now     func() time.Time
}

var _ events.Store = (*Store)(nil)

// New returns an empty store that takes the events' times from now.
func New(now func() time.Time) *Store {
	return &Store{streams: map[events.Stream][]int{}, keep: map[events.Stream]events.Retention{}, grown: make(chan struct{}), now: now}
}

func (s *Store) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if position, ok := s.repeated(stream, expected, batch); ok {
		return position, nil
	}
	if !expected.Any() {
		last, exists := expected.Last()
		if n := len(s.streams[stream]); exists && n != int(last)+1 || !exists && n != 0 {
			return 0, &events.ConflictError{Stream: stream, Expected: expected}
		}
	}
	for _, p := range batch {
		index := len(s.log)
		s.log = append(s.log, events.Recorded{
			ID: p.ID, Stream: stream,
			Revision: events.Revision(len(s.streams[stream])), Position: events.Position(index + 1),
			Time: s.now().UTC(), Type: p.Type,
			Data: slices.Clone(p.Data), Metadata: slices.Clone(p.Metadata),
		})
		s.streams[stream] = append(s.streams[stream], index)
	}
	close(s.grown)
	s.grown = make(chan struct{})
	return events.Position(len(s.log)), nil
}

// repeated recognises an append whose events stand where they were expected.
func (s *Store) repeated(stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, bool) {
	held := s.streams[stream]
	first := 0
	if last, exists := expected.Last(); exists {
		first = int(last) + 1
	}
	if expected.Any() {
		first = slices.IndexFunc(held, func(i int) bool { return len(batch) > 0 && s.log[i].ID == batch[0].ID })
	}
	if len(batch) == 0 || first < 0 || first+len(batch) > len(held) {
		return 0, false
	}
	for i, p := range batch {
		if s.log[held[first+i]].ID != p.ID {
			return 0, false
		}
	}
	return events.Position(held[first+len(batch)-1] + 1), true
}

func (s *Store) Read(ctx context.Context, stream events.Stream, from events.Revision) iter.Seq2[events.Recorded, error] {
	return func(yield func(events.Recorded, error) bool) {
		for revision := int(from); ; revision++ {
			if err := ctx.Err(); err != nil {
				yield(events.Recorded{}, err)
				return
			}
			s.mu.Lock()
			held := s.streams[stream]
			if revision >= len(held) {
				s.mu.Unlock()
				return
			}
			recorded := copied(s.log[held[revision]])
			kept := s.kept(stream, revision)
			s.mu.Unlock()
			if !kept {
				continue
			}
			if !yield(recorded, nil) {
				return
			}
		}
	}
}

func (s *Store) Retain(_ context.Context, stream events.Stream, keep events.Retention) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep[stream] = keep
	return nil
}

func (s *Store) kept(stream events.Stream, revision int) bool {
	keep, held := s.keep[stream], s.streams[stream]
	return (keep.MaxCount == 0 || len(held)-revision <= keep.MaxCount) &&
		(keep.MaxAge == 0 || s.now().Sub(s.log[held[revision]].Time) <= keep.MaxAge)
}

func (s *Store) Head(context.Context) (events.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return events.Position(len(s.log)), nil
}

func (s *Store) Subscribe(_ context.Context, after events.Position) (events.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(after) > len(s.log) {
		return nil, fmt.Errorf("subscribe after %d: the log ends at %d", after, len(s.log))
	}
	return &subscription{store: s, at: int(after), closed: make(chan struct{})}, nil
}

type subscription struct {
	store  *Store
	at     int
	told   bool // that it is caught up, at this place
	once   sync.Once
	closed chan struct{}
}

func (s *subscription) Next(ctx context.Context) (events.Delivery, error) {
	for {
		s.store.mu.Lock()
		if s.at < len(s.store.log) {
			recorded := copied(s.store.log[s.at])
			s.at++
			s.store.mu.Unlock()
			if strings.HasPrefix(recorded.Type, "$") {
				continue // the store's own, as a real one leaves out
			}
			return events.Delivery{Event: &recorded, Position: recorded.Position}, nil
		}
		grown := s.store.grown
		s.store.mu.Unlock()
		if !s.told {
			s.told = true
			return events.Delivery{Position: events.Position(s.at)}, nil
		}
		select {
		case <-grown:
		case <-s.closed:
			return events.Delivery{}, events.ErrStoreClosed
		case <-ctx.Done():
			return events.Delivery{}, ctx.Err()
		}
	}
}

func (s *subscription) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func copied(r events.Recorded) events.Recorded {
	r.Data, r.Metadata = slices.Clone(r.Data), slices.Clone(r.Metadata)
	return r
}
