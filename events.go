package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// connectionFile holds, in the data directory, how the running store is
// reached.
const connectionFile = "eventstore"

// eventsCommand looks at the log of a running playcast.
type eventsCommand struct {
	logFlags

	Tail tailCommand `cmd:"" help:"Print events as they come, one a line, until interrupted."`
	Show showCommand `cmd:"" help:"Print a stream from its start."`
}

// logFlags say which log is meant.
type logFlags struct {
	Data       string `default:"./data" type:"path" help:"The data directory of the running playcast." env:"PLAYCAST_DATA"`
	EventStore string `name:"eventstore" placeholder:"esdb://…" help:"The event store. Default: the one that the data directory names." env:"PLAYCAST_EVENTSTORE"`
}

type tailCommand struct {
	All bool `help:"Begin at the start of the log, not at its end."`
}

type showCommand struct {
	Stream string `arg:"" help:"The stream, such as session-0191…, worker-worker-1 or game-freedoom1."`
}

// open returns the store once it has answered.
func (c *logFlags) open(ctx context.Context) (*esdb.Store, events.Position, error) {
	store, err := c.find()
	if err != nil {
		return nil, 0, err
	}
	head, err := store.Head(ctx)
	if err == nil {
		return store, head, nil
	}
	if c.EventStore == "" && errors.Is(err, events.ErrUnavailable) {
		err = fmt.Errorf("no playcast runs on %s: start it, or name another with --data or --eventstore: %w", c.Data, err)
	}
	return nil, 0, errors.Join(err, store.Close())
}

// readLog reads every event that there is.
func readLog(ctx context.Context, store events.Store, each func(events.Recorded) error) error {
	sub, err := store.Subscribe(ctx, events.Start)
	if err != nil {
		return err
	}
	for {
		d, err := sub.Next(ctx)
		if err == nil && !d.CaughtUp() {
			err = each(*d.Event)
		}
		if err != nil {
			return errors.Join(err, sub.Close())
		}
		if d.CaughtUp() {
			return sub.Close()
		}
	}
}

func (c *logFlags) find() (*esdb.Store, error) {
	connection := c.EventStore
	if connection == "" {
		raw, err := os.ReadFile(filepath.Join(c.Data, connectionFile))
		if errors.Is(err, os.ErrNotExist) {
			if (&storeCommand{Data: c.Data}).exists() == nil {
				return nil, fmt.Errorf("no playcast has run on %s, which holds an event store: start one with playcast up --data %s, or read its files with playcast store export --data %s",
					c.Data, c.Data, c.Data)
			}
			return nil, fmt.Errorf("no playcast has run on %s: name its data directory with --data, or the event store with --eventstore", c.Data)
		}
		if err != nil {
			return nil, err
		}
		connection = strings.TrimSpace(string(raw))
	}
	return esdb.Open(connection)
}

// Run follows the log.
func (t *tailCommand) Run(ctx context.Context, term *terminal, c *eventsCommand) (err error) {
	store, head, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if t.All {
		head = events.Start
	}
	sub, err := store.Subscribe(ctx, head)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sub.Close()) }()
	for {
		d, err := sub.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if !d.CaughtUp() {
			if err := printEvent(term, *d.Event); err != nil {
				return err
			}
		}
	}
}

// Run prints a stream.
func (s *showCommand) Run(ctx context.Context, term *terminal, c *eventsCommand) (err error) {
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	found := false
	for recorded, err := range store.Read(ctx, events.Stream(s.Stream), 0) {
		if err != nil {
			return err
		}
		found = true
		if err := printEvent(term, recorded); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("there is no stream %q", s.Stream)
	}
	return nil
}

// printEvent writes one line: when, where, what, the data, and why.
func printEvent(term *terminal, r events.Recorded) error {
	var meta events.Metadata
	because := ""
	if err := json.Unmarshal(r.Metadata, &meta); err == nil && meta.Actor != "" {
		because = fmt.Sprintf("  by %s, because of %s", meta.Actor, meta.Causation)
	}
	_, err := fmt.Fprintf(term.out, "%s  %s@%d  %s  %s%s\n",
		r.Time.Format(time.RFC3339Nano), r.Stream, r.Revision, r.Type, r.Data, because)
	return err
}
