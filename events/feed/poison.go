package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"github.com/playcast/playcast/events"
)

// Poison has a handler skip what it can't handle, and handle it again when it is
// asked to:
//
//	log ─▶ Replays ─▶ Skip ─▶ handler
//	          ▲         ├─ fails, fails, … ─▶ Recorder.Poisoned ─┐
//	          │         └─ handled again ───▶ Recorder.Replayed ─┤
//	          └──────── the stream poison-<handler> ◀────────────┴── who asks
//
// What passes by itself (the store can't be reached, something ends) is waited
// for, however long it lasts; nothing is skipped before that is recorded.
type Poison struct {
	Handler  events.HandlerID
	Store    events.Store // where what is to be handled again is read
	Recorder Recorder
	Patience Patience
	Figures  *Figures // nil: nothing is counted
	Log      *slog.Logger
}

// Recorder keeps what was skipped. An error other than of what was asked is
// followed by another try.
type Recorder interface {
	// Poisoned records a failure; the same one again adds nothing.
	Poisoned(context.Context, Failure) error
	// Replayed records that an event was handled as it was asked, by the id of
	// the PoisonReplayAsked.
	Replayed(ctx context.Context, handler events.HandlerID, event, asked events.EventID) error
}

// Failure is an event that a handler could not handle.
type Failure struct {
	Handler  events.HandlerID
	Event    events.EventReference
	Asked    events.EventID // the PoisonReplayAsked that it was handled for; zero: none
	Cause    string         // the class of the error, which holds nothing personal
	Attempts int
}

// What a handler answers to an event that it is to handle again.
var (
	// ErrOvertaken refuses one that was asked for too late.
	ErrOvertaken = &events.Fault{Kind: events.Outdated, Code: "event-overtaken",
		Message: "What has happened since has overtaken this event: it can't be handled any more. Drop it."}
	errEventGone = &events.Fault{Kind: events.NotFound, Code: "event-gone",
		Message: "The event is not in its stream any more: it can't be handled. Drop it."}
)

// Middleware is Replays around Skip.
func (p Poison) Middleware(next message.HandlerFunc) message.HandlerFunc {
	return p.Replays(p.Skip(next))
}

// Skip is the middleware that tries a message for as long as Patience says, then
// records and skips it. An event that can't be read is not tried again. Events
// about poison reach no handler: what fails of everything would fail of what it
// has recorded itself. What is Replayed is answered soon, by the patience of the
// zero value: somebody waits.
func (p Poison) Skip(next message.HandlerFunc) message.HandlerFunc {
	next = middleware.Recoverer(next)
	return func(msg *message.Message) ([]*message.Message, error) {
		d, err := Unpack(msg)
		if err != nil {
			return nil, err
		}
		if !d.CaughtUp() {
			if _, is := d.Event.Stream.Poison(); is {
				return nil, nil
			}
		}
		produced, failures, err := p.try(msg, d, next)
		asked := askedBy(msg)
		switch {
		case msg.Context().Err() != nil && err != nil:
			return nil, msg.Context().Err()
		case err == nil && asked == events.EventID{}:
			return produced, nil
		case err == nil:
			p.Figures.handledAgain(p.Handler)
			return produced, p.insist(msg.Context(), func() error {
				return p.Recorder.Replayed(msg.Context(), p.Handler, d.Event.ID, asked)
			})
		}
		p.Log.Error("an event could not be handled, and is skipped: playcast feed poison has it", "handler", p.Handler, "event", where(msg), "attempts", failures, "error", err)
		return nil, p.keep(msg.Context(), Failure{Event: reference(*d.Event), Asked: asked, Cause: causeOf(err), Attempts: failures})
	}
}

// try handles a message until that succeeds, is hopeless, has failed too often,
// or the context ends. That there is no further event is nothing to skip.
func (p Poison) try(msg *message.Message, d events.Delivery, next message.HandlerFunc) (produced []*message.Message, failures int, err error) {
	patience := p.Patience
	if Replayed(msg) {
		patience = Patience{}
	}
	for n := 1; ; n++ {
		if produced, err = next(msg); err == nil {
			return produced, failures, nil
		}
		p.Figures.failed(string(p.Handler))
		if !passing(err) {
			failures++
		}
		if !d.CaughtUp() && !passing(err) && (hopeless(err) || errors.Is(err, ErrOvertaken) || failures >= patience.attempts()) {
			return nil, failures, err
		}
		if patience.rest(msg.Context(), n) != nil {
			return nil, failures, err
		}
	}
}

// keep records a failure.
func (p Poison) keep(ctx context.Context, f Failure) error {
	f.Handler = p.Handler
	if err := p.insist(ctx, func() error { return p.Recorder.Poisoned(ctx, f) }); err != nil {
		return err
	}
	p.Figures.kept(f)
	return nil
}

// insist does something until it succeeds or the context ends, and says once
// what keeps it.
func (p Poison) insist(ctx context.Context, do func() error) error {
	for n := 1; ; n++ {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() == nil && n == 2 {
			defer p.Figures.holdUp(string(p.Handler))()
			p.Log.Warn("a handler waits until its poison can be kept", "handler", p.Handler, "error", err)
		}
		if err := p.Patience.rest(ctx, n); err != nil {
			return fmt.Errorf("keep poison of %s: %w", p.Handler, err)
		}
	}
}

func reference(r events.Recorded) events.EventReference {
	return events.EventReference{Event: r.ID, Stream: r.Stream, Revision: r.Revision, Position: r.Position, Type: r.Type}
}
