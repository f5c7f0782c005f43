package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/streamer/record"
	"github.com/playcast/playcast/streamer/storage"
)

// eraser removes the media of recordings that are deleted, and says when they are
// gone. What was deleted while it did not run, or could not be removed, is removed
// after its next start: it follows the log from the start of that.
//
//	log ─▶ open ── at its end ─▶ by recordings, side by side ─▶ erase
type eraser struct {
	library *record.Library
	handler *commands.Handler
	log     *slog.Logger
	sides   *feed.Partitioned
	open    []*message.Message // RecordingDeleted, and nothing of RecordingErased
	live    bool
}

// stubborn is the patience with a store of recordings, of which nothing may be
// left: about a quarter of an hour.
var stubborn = feed.Patience{Attempts: 11, First: time.Second, Longest: 5 * time.Minute}

// runEraser carries the log to the eraser, from its start.
func (p *platform) runEraser(ctx context.Context) error {
	if p.tapes == nil {
		return nil
	}
	return p.route(ctx, "recordings", func(run context.Context, r *routing) {
		skip := p.skipping(r, "recording-eraser", stubborn)
		e := newEraser(p.tapes, p.handler, skip)
		r.group.Go(func() {
			<-run.Done()
			e.sides.Close()
		})
		r.add(string(skip.Handler), feed.NewSubscriber(p.store, feed.FromStart, r.log), e.handle, feed.Insist(feed.Patience{}, r.figures, r.log), skip.Replays)
	})
}

// newEraser returns an eraser of what is in a store, whose sides are to be closed.
func newEraser(tapes storage.Store, handler *commands.Handler, skip feed.Poison) *eraser {
	e := &eraser{library: record.NewLibrary(tapes), handler: handler, log: skip.Log}
	e.sides = feed.NewPartitioned(feed.Partition{Around: skip.Skip}, e.erase)
	return e
}

// handle takes the next message of the log. It reads no event, so that one that
// can't be read holds up its own recording alone.
func (e *eraser) handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	switch {
	case feed.Replayed(msg):
		return e.sides.Handle(msg)
	case d.CaughtUp():
		e.live = true
	case d.Event.Type == events.RecordingErased{}.EventType():
		stream := d.Event.Stream
		e.open = slices.DeleteFunc(e.open, func(m *message.Message) bool { return feed.StreamOf(m) == stream })
	case d.Event.Type == events.RecordingDeleted{}.EventType():
		e.open = append(e.open, msg.Copy())
	}
	for e.live && len(e.open) > 0 {
		e.open[0].SetContext(msg.Context())
		if err := e.sides.Handle(e.open[0]); err != nil {
			return err
		}
		e.open = e.open[1:]
	}
	return nil
}

// erase removes the media of one recording.
func (e *eraser) erase(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	event, meta, err := events.Decode(*d.Event)
	if err != nil {
		return err
	}
	deleted, is := event.(events.RecordingDeleted)
	if !is {
		return nil
	}
	if err := e.library.Erase(msg.Context(), deleted.Recording.String()); err != nil {
		return err
	}
	cause := commands.Cause{Event: d.Event.ID, Correlation: meta.Correlation}
	_, err = e.handler.Do(msg.Context(), commands.Issue(recording.Erase{Recording: deleted.Recording}, commands.Because(cause, "recording-eraser", "erase")))
	var fault *events.Fault
	if errors.As(err, &fault) && fault.Kind != events.Unavailable {
		e.log.Debug("an erasure was refused", "recording", deleted.Recording, "code", fault.Code)
		return nil
	}
	return err
}
