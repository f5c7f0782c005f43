package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// attempts bounds the decisions of one command under conflicts. Each conflict
// means that another command went through, so a stream makes progress.
const attempts = 20

// ErrBusy says that a stream changed again and again while a command was
// decided.
var ErrBusy = &events.Fault{Kind: events.Unavailable, Code: "busy",
	Message: "Too much is happening here at the moment. Try again."}

// Handler carries out orders on a store.
type Handler struct {
	store events.Store
	now   func() time.Time
}

// NewHandler returns a handler whose decisions take the time from now.
func NewHandler(store events.Store, now func() time.Time) *Handler {
	return &Handler{store: store, now: now}
}

// Done says what an order did.
type Done struct {
	// Position of the effect: of the last event appended or, where nothing
	// was to do, of the stream's last event.
	Position events.Position
	// Events that this call appended; none for a repeated command.
	Events []events.Event
}

// Do carries out an order. An order that was carried out before, known by its
// id, returns what it did then. Errors: an *events.Fault from the decision or
// ErrBusy, or one of the store's, which wraps events.ErrUnavailable where the
// same order can be tried again.
func (h *Handler) Do(ctx context.Context, order Order) (Done, error) {
	for range attempts {
		done, err := h.try(ctx, order)
		var conflict *events.ConflictError
		if !errors.As(err, &conflict) {
			return done, err
		}
	}
	return Done{}, ErrBusy
}

func (h *Handler) try(ctx context.Context, order Order) (Done, error) {
	decision := order.begin()
	past, err := h.load(ctx, order, decision)
	if err != nil {
		return Done{}, fmt.Errorf("load %s: %w", order.Target, err)
	}
	if past.repeated {
		return Done{Position: past.effect}, nil
	}
	// Milliseconds are what the read side stores, and what people read.
	decided, err := decision.decide(h.now().UTC().Truncate(time.Millisecond))
	if err != nil {
		return Done{}, err
	}
	if len(decided) == 0 {
		return Done{Position: past.last}, nil
	}
	batch, err := encode(order.Origin, decided)
	if err != nil {
		return Done{}, err
	}
	position, err := h.store.Append(ctx, order.Target, past.expected, batch)
	if err != nil {
		return Done{}, fmt.Errorf("append to %s: %w", order.Target, err)
	}
	return Done{Position: position, Events: decided}, nil
}

// history is what was learnt of a stream while folding it.
type history struct {
	expected events.Expected
	last     events.Position
	repeated bool            // the order's own events are there already
	effect   events.Position // of the last one of them
}

func (h *Handler) load(ctx context.Context, order Order, into decision) (history, error) {
	past := history{expected: events.NoStream()}
	for recorded, err := range h.store.Read(ctx, order.Target, 0) {
		if err != nil {
			return past, err
		}
		event, meta, err := events.Decode(recorded)
		if err != nil {
			return past, err
		}
		into.evolve(event)
		past.expected = events.After(recorded.Revision)
		past.last = recorded.Position
		if meta.Command == order.ID {
			past.repeated, past.effect = true, recorded.Position
		}
	}
	return past, nil
}

func encode(origin Origin, decided []events.Event) ([]events.Proposed, error) {
	meta := events.Metadata{
		Correlation: origin.Correlation,
		Causation:   origin.Causation,
		Actor:       origin.Actor,
		Command:     origin.ID,
	}
	if meta.Correlation == "" {
		meta.Correlation = origin.ID.String()
	}
	if meta.Causation == "" {
		meta.Causation = origin.ID.String()
	}
	batch := make([]events.Proposed, 0, len(decided))
	for i, event := range decided {
		proposed, err := events.Encode(events.DeriveEventID(origin.ID, i), event, meta)
		if err != nil {
			return nil, err
		}
		batch = append(batch, proposed)
	}
	return batch, nil
}
