package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// Ask puts a question to an aggregate: to its state after all that its stream
// holds, at the time that a decision would be made now. The state is lent for as
// long as the question takes, and commands on the stream wait meanwhile. What is
// answered may be over by the time that it is read: a command has to decide for
// itself. Errors are the store's, as of Do.
func Ask[S State[S], A any](ctx context.Context, h *Handler, of events.Stream, question func(state S, now time.Time) A) (A, error) {
	var none A
	place, err := h.cache.enter(ctx, of)
	if err != nil {
		return none, fmt.Errorf("wait for the commands before on %s: %w", of, err)
	}
	defer h.cache.leave(place)
	begin := func() decision { return &folding[S]{} }
	d := &deciding{handler: h, order: Order{Target: of, begin: begin}, decision: begin()}
	d.fold, place.fold = place.fold, fold{}
	if !d.decision.resume(d.fold.state) {
		d.fold = fold{}
	}
	if err := d.catchUp(ctx); err != nil {
		return none, err
	}
	place.fold = d.fold
	state, _ := d.fold.state.(S)
	return question(state, h.time()), nil
}
