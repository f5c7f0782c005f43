package simulation

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// store is a store in memory that can be out of order, and tells what was
// appended.
type store struct {
	*memstore.Store
	now       func() time.Time
	refuses   bool // everything
	forgets   bool // to answer that it has appended
	between   func(context.Context, events.Stream)
	overtaken bool // between is being carried out

	revisions map[events.Stream]uint64
	head      events.Position
	fresh     []commands.Noted // appended and not taken yet
	conflicts int
}

var _ events.Store = (*store)(nil)

func newStore(now func() time.Time) *store {
	return &store{Store: memstore.New(now), now: now, revisions: map[events.Stream]uint64{}}
}

func (s *store) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	if s.refuses {
		return 0, events.ErrUnavailable
	}
	if s.between != nil && !s.overtaken {
		s.overtaken = true
		s.between(ctx, stream)
		s.overtaken = false
	}
	position, err := s.Store.Append(ctx, stream, expected, batch)
	if err != nil {
		s.conflicts++
		return 0, err
	}
	if position > s.head {
		s.head = position
		if err := s.note(stream, position, batch); err != nil {
			return 0, err
		}
	}
	if s.forgets {
		return 0, events.ErrUnavailable
	}
	return position, nil
}

func (s *store) note(stream events.Stream, last events.Position, batch []events.Proposed) error {
	for i, p := range batch {
		recorded := events.Recorded{
			ID: p.ID, Stream: stream, Revision: events.Revision(s.revisions[stream]),
			Position: last - events.Position(len(batch)-1-i), Time: s.now(), Type: p.Type, Data: p.Data, Metadata: p.Metadata,
		}
		s.revisions[stream]++
		if strings.HasPrefix(p.Type, "$") {
			continue // the store's own, which a subscription leaves out
		}
		noted, err := commands.Note(recorded)
		if err != nil {
			return err
		}
		s.fresh = append(s.fresh, noted)
	}
	return nil
}

func (s *store) Read(ctx context.Context, stream events.Stream, from events.Revision) iter.Seq2[events.Recorded, error] {
	if s.refuses {
		return func(yield func(events.Recorded, error) bool) { yield(events.Recorded{}, events.ErrUnavailable) }
	}
	return s.Store.Read(ctx, stream, from)
}

// History is a log as it was recorded.
type History struct {
	store  *memstore.Store
	Events int
}

// All yields the events in their order. After an error the sequence ends.
func (h History) All(ctx context.Context) iter.Seq2[events.Recorded, error] {
	return func(yield func(events.Recorded, error) bool) {
		sub, err := h.store.Subscribe(ctx, events.Start)
		if err != nil {
			yield(events.Recorded{}, err)
			return
		}
		defer sub.Close()
		for range h.Events {
			d, err := sub.Next(ctx)
			if err != nil {
				yield(events.Recorded{}, err)
				return
			}
			if !yield(*d.Event, nil) {
				return
			}
		}
	}
}
