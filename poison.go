package main

import (
	"context"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// skipping is how a handler of a routing skips what it can't handle.
func (p *platform) skipping(r *routing, handler events.HandlerID, patience feed.Patience) feed.Poison {
	return feed.Poison{Handler: handler, Store: p.store, Recorder: poisonRecorder{p.handler}, Patience: patience, Figures: r.figures, Log: r.log}
}

// ofWorker is a handler that each worker has.
func ofWorker(does string, worker events.WorkerID) events.HandlerID {
	return events.HandlerID(does + "_" + string(worker))
}

// poisonRecorder joins the feed to the commands that keep what is skipped.
type poisonRecorder struct{ handler *commands.Handler }

var _ feed.Recorder = poisonRecorder{}

func (r poisonRecorder) Poisoned(ctx context.Context, f feed.Failure) error {
	keep := poison.Keep{Handler: f.Handler, Event: f.Event, Cause: f.Cause, Attempts: f.Attempts}
	because := f.Event.Event
	if f.Asked != (events.EventID{}) {
		keep.Again, because = true, f.Asked
	}
	_, err := r.handler.Do(ctx, commands.Issue(keep, byFeed(f.Handler, because, "keep")))
	return err
}

func (r poisonRecorder) Replayed(ctx context.Context, handler events.HandlerID, event, asked events.EventID) error {
	_, err := r.handler.Do(ctx, commands.Issue(poison.Settle{Handler: handler, Event: event}, byFeed(handler, asked, "settle")))
	return err
}

// byFeed is the origin of what is recorded of a handler because of an event, the
// same each time.
func byFeed(handler events.HandlerID, because events.EventID, purpose string) commands.Origin {
	return commands.Origin{
		ID:    events.DeriveCommandID(because, "poison/"+string(handler)+"/"+purpose),
		Actor: events.BySystem("feed"), Causation: because.String(),
	}
}
