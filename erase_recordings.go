package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/streamer/record"
)

// eraser removes the media of recordings that are deleted, and says when they are
// gone. Like a policy it folds the log, so that what was deleted while it did not
// run, or could not be removed, is removed later.
type eraser struct {
	library *record.Library
	handler *commands.Handler
	log     *slog.Logger
	deleted []deletion // not yet erased
	live    bool
}

type deletion struct {
	recording events.RecordingID
	cause     commands.Cause
}

// runEraser carries the log to the eraser, from its start.
func (p *platform) runEraser(ctx context.Context) error {
	if p.tapes == nil {
		return nil
	}
	return p.route(ctx, "recordings", func(_ context.Context, r *routing) {
		e := &eraser{library: record.NewLibrary(p.tapes), handler: p.handler, log: r.log}
		fromStart := feed.NewSubscriber(p.store, feed.FromStart, r.log)
		r.router.AddConsumerHandler("eraser", feed.Everything, fromStart, e.handle)
	})
}

// handle takes the next message of the log. An error is answered by delivering
// it again.
func (e *eraser) handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	if d.CaughtUp() {
		e.live = true
	} else if err := e.fold(*d.Event); err != nil {
		return err
	}
	if !e.live {
		return nil
	}
	return e.erase(msg.Context())
}

func (e *eraser) fold(recorded events.Recorded) error {
	event, meta, err := events.Decode(recorded)
	if err != nil {
		return err
	}
	switch event := event.(type) {
	case events.RecordingDeleted:
		e.settle(event.Recording) // a message may come again
		e.deleted = append(e.deleted, deletion{event.Recording, commands.Cause{Event: recorded.ID, Correlation: meta.Correlation}})
	case events.RecordingErased:
		e.settle(event.Recording)
	}
	return nil
}

func (e *eraser) settle(id events.RecordingID) {
	e.deleted = slices.DeleteFunc(e.deleted, func(d deletion) bool { return d.recording == id })
}

func (e *eraser) erase(ctx context.Context) error {
	for _, d := range e.deleted {
		if err := e.library.Erase(ctx, d.recording.String()); err != nil {
			return err
		}
		_, err := e.handler.Do(ctx, commands.Issue(recording.Erase{Recording: d.recording}, commands.Because(d.cause, "recording-eraser", "erase")))
		var fault *events.Fault
		if errors.As(err, &fault) && fault.Kind != events.Unavailable {
			e.log.Debug("an erasure was refused", "recording", d.recording, "code", fault.Code)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}
