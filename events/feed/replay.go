package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// Replayed says that a message carries an event that was skipped and is to be
// handled again: later ones, of its stream too, may have been handled since.
func Replayed(msg *message.Message) bool { return msg.Metadata.Get(keyAsked) != "" }

// askedBy is the id of the PoisonReplayAsked that a message comes of; zero: none.
func askedBy(msg *message.Message) events.EventID {
	id, err := uuid.Parse(msg.Metadata.Get(keyAsked))
	if err != nil {
		return events.EventID{}
	}
	return events.EventID(id)
}

// Replays is the middleware that hears in the log what the handler is asked to
// handle again, and hands that over as messages that are Replayed. It waits with
// that until the handler has seen all there is, so that what was answered before
// is not done again; what a handler did not hear has to be asked again. The
// messages come one after the other.
func (p Poison) Replays(next message.HandlerFunc) message.HandlerFunc {
	r := &replays{Poison: p, next: next}
	return r.handle
}

type replays struct {
	Poison
	next message.HandlerFunc
	live bool
	open []asked
}

// asked is a PoisonReplayAsked.
type asked struct {
	id    events.EventID
	event events.EventReference
}

func (r *replays) handle(msg *message.Message) ([]*message.Message, error) {
	d, err := Unpack(msg)
	if err != nil {
		return nil, err
	}
	var produced []*message.Message
	if d.CaughtUp() || d.Event.Stream != events.PoisonStream(r.Handler) {
		if produced, err = r.next(msg); err != nil {
			return nil, err
		}
		r.live = r.live || d.CaughtUp()
	} else if err := r.hear(*d.Event); err != nil {
		r.Log.Error("what was asked of a handler can't be read, and is not done", "handler", r.Handler, "error", err)
	}
	for r.live && len(r.open) > 0 {
		more, err := r.replay(msg.Context(), r.open[0])
		if err != nil {
			return nil, err
		}
		produced = append(produced, more...)
		r.open = r.open[1:]
	}
	return produced, nil
}

// hear takes an event of the handler's own poison.
func (r *replays) hear(recorded events.Recorded) error {
	event, _, err := events.Decode(recorded)
	if err != nil {
		return err
	}
	switch e := event.(type) {
	case events.PoisonReplayAsked:
		r.settle(e.Event.Event) // a message may come again
		r.open = append(r.open, asked{recorded.ID, e.Event})
	case events.EventPoisoned:
		r.settle(e.Event.Event)
	case events.PoisonReplayed:
		r.settle(e.Event)
	case events.PoisonDropped:
		r.settle(e.Event)
	}
	return nil
}

func (r *replays) settle(id events.EventID) {
	r.open = slices.DeleteFunc(r.open, func(a asked) bool { return a.event.Event == id })
}

// replay hands over an event as its stream has it.
func (r *replays) replay(ctx context.Context, a asked) ([]*message.Message, error) {
	original, failures, err := r.find(ctx, a.event)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, r.keep(ctx, Failure{Event: a.event, Asked: a.id, Cause: causeOf(err), Attempts: failures})
	}
	msg := pack(events.Delivery{Event: original, Position: original.Position})
	msg.Metadata.Set(keyAsked, a.id.String())
	msg.SetContext(ctx)
	return r.next(msg)
}

// find reads an event, with the patience of the handler. Errors: errEventGone,
// and those of the store that do not pass.
func (r *replays) find(ctx context.Context, event events.EventReference) (found *events.Recorded, failures int, err error) {
	for n := 1; ; n++ {
		found, err = r.read(ctx, event)
		if err != nil && !passing(err) {
			failures++
		}
		if err == nil || errors.Is(err, errEventGone) || failures >= r.Patience.attempts() || r.Patience.rest(ctx, n) != nil {
			return found, failures, err
		}
	}
}

func (r *replays) read(ctx context.Context, event events.EventReference) (*events.Recorded, error) {
	for recorded, err := range r.Store.Read(ctx, event.Stream, event.Revision) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", event.Stream, err)
		}
		if recorded.ID != event.Event {
			break
		}
		return &recorded, nil
	}
	return nil, errEventGone
}
