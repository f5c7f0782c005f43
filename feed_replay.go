package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/events"
)

// whichPoison says which events of a handler are meant.
type whichPoison struct {
	Handler string `arg:"" help:"The handler, as playcast feed poison list names it."`
	ID      string `arg:"" optional:"" help:"The event."`
	All     bool   `help:"All that the handler has skipped."`
}

// check reads the arguments.
func (w whichPoison) check() (id events.HandlerID, event events.EventID, err error) {
	if id, err = events.ParseHandlerID(w.Handler); err != nil {
		return id, event, err
	}
	if w.All == (w.ID != "") {
		return id, event, errors.New("say which event (playcast feed poison list has their ids), or --all")
	}
	if w.ID != "" {
		event, err = events.ParseEventID(w.ID)
	}
	return id, event, err
}

// each does something with the events that are meant, of those that are held.
func (w whichPoison) each(ctx context.Context, c *feedCommand, do func(context.Context, events.Store, events.HandlerID, []events.EventID) error) (err error) {
	id, event, err := w.check()
	if err != nil {
		return err
	}
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	state, err := skipped(ctx, store, id)
	if err != nil {
		return err
	}
	meant := []events.EventID{event}
	if w.All {
		meant = nil
		for _, h := range state.Held {
			meant = append(meant, h.Event.Event)
		}
	}
	if len(meant) == 0 {
		return errNothingSkipped(id)
	}
	return do(ctx, store, id, meant)
}

type poisonDropCommand struct{ whichPoison }

// Run drops events.
func (d *poisonDropCommand) Run(ctx context.Context, t *terminal, c *feedCommand) error {
	return d.each(ctx, c, func(ctx context.Context, store events.Store, id events.HandlerID, meant []events.EventID) error {
		handler := commands.NewHandler(store, time.Now)
		for _, event := range meant {
			if _, err := handler.Do(ctx, commands.Issue(poison.Drop{Handler: id, Event: event}, byOperator())); err != nil {
				return fmt.Errorf("%s: %w", event, err)
			}
			if _, err := fmt.Fprintf(t.out, "%s is dropped\n", event); err != nil {
				return err
			}
		}
		return nil
	})
}

type poisonReplayCommand struct {
	whichPoison
	Wait time.Duration `default:"20s" help:"For how long to wait for the handler's answers."`
}

// Run asks for events to be handled again, and says what came of each.
func (r *poisonReplayCommand) Run(ctx context.Context, t *terminal, c *feedCommand) error {
	return r.each(ctx, c, func(ctx context.Context, store events.Store, id events.HandlerID, meant []events.EventID) error {
		before, err := store.Head(ctx)
		if err != nil {
			return err
		}
		handler := commands.NewHandler(store, time.Now)
		open := map[events.EventID]bool{}
		for _, event := range meant {
			if _, err := handler.Do(ctx, commands.Issue(poison.Replay{Handler: id, Event: event}, byOperator())); err != nil {
				return fmt.Errorf("%s: %w", event, err)
			}
			open[event] = true
		}
		failed, err := r.await(ctx, t, store, before, id, open)
		switch {
		case err != nil:
			return err
		case len(open) > 0:
			return fmt.Errorf("%s not answered for by %s within %s: its process may not run, be behind, or still try; playcast feed poison list has what was asked", counted(len(open), "event"), id, r.Wait)
		case failed > 0:
			return fmt.Errorf("%s not handled: the log of the handler's process says why", counted(failed, "event"))
		}
		return nil
	})
}

// await says what becomes of the events that are open, and removes them, until
// there is none or the time is up. It counts those that were not handled.
func (r *poisonReplayCommand) await(ctx context.Context, t *terminal, store events.Store, after events.Position, id events.HandlerID, open map[events.EventID]bool) (failed int, err error) {
	within, cancel := context.WithTimeout(ctx, r.Wait)
	defer cancel()
	sub, err := store.Subscribe(ctx, after)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, sub.Close()) }()
	for len(open) > 0 {
		d, err := sub.Next(within)
		if within.Err() != nil && ctx.Err() == nil {
			return failed, nil
		}
		if err != nil {
			return failed, err
		}
		if d.CaughtUp() || d.Event.Stream != events.PoisonStream(id) {
			continue
		}
		event, _, err := events.Decode(*d.Event)
		if err != nil {
			return failed, err
		}
		of, became := becameOf(event)
		if !open[of] {
			continue
		}
		if delete(open, of); became != handled {
			failed++
		}
		if _, err := fmt.Fprintf(t.out, "%s %s\n", of, became); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// handled is what became of an event that is handled after all.
const handled = "is handled"

// becameOf is what has become of which event; of none: nothing has.
func becameOf(event events.Event) (of events.EventID, became string) {
	switch e := event.(type) {
	case events.EventPoisoned:
		return e.Event.Event, "has failed again: " + legible(e.Cause)
	case events.PoisonReplayed:
		return e.Event, handled
	case events.PoisonDropped:
		return e.Event, "is dropped"
	}
	return of, ""
}
