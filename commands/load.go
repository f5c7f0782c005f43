package commands

import (
	"context"
	"fmt"

	"github.com/playcast/playcast/events"
)

// Load returns an aggregate's state as its whole stream tells it, for who only
// looks. An event that can't be read, or can't follow what is before it, is an
// *events.UnreadableError.
func Load[S State[S]](ctx context.Context, store events.Store, stream events.Stream) (S, error) {
	var state S
	for recorded, err := range store.Read(ctx, stream, 0) {
		if err != nil {
			return state, fmt.Errorf("read %s: %w", stream, err)
		}
		if state, _, err = Follow(state, recorded); err != nil {
			return state, err
		}
	}
	return state, nil
}

// Follow returns an aggregate's state after the next event of its stream, and
// that event. Its errors are those of Load.
func Follow[S State[S]](state S, recorded events.Recorded) (S, events.Event, error) {
	event, meta, err := events.Decode(recorded)
	if err != nil {
		return state, nil, err
	}
	next := state
	err = guarded(recorded, meta.SchemaVersion, func() { next = state.Evolve(event) })
	return next, event, err
}

// guarded takes an event of a history that no decision can have produced for one
// that can't be read.
func guarded(recorded events.Recorded, version int, evolve func()) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = unfollowed(recorded, version, failure)
		}
	}()
	evolve()
	return nil
}

// unfollowed is for an event that can be read, but not be folded.
func unfollowed(recorded events.Recorded, version int, failure any) error {
	return &events.UnreadableError{
		Type: recorded.Type, Stream: recorded.Stream, Revision: recorded.Revision, Position: recorded.Position, Version: version,
		Err: fmt.Errorf("%w: it can't follow what is before it: %v", events.ErrMalformed, failure),
	}
}
