package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/events"
)

// feedCommand looks after what carries the log of a running playcast to its
// handlers.
type feedCommand struct {
	logFlags

	Poison poisonCommand `cmd:"" help:"Look after the events that handlers have skipped, since they could not handle them."`
}

type poisonCommand struct {
	List   poisonListCommand   `cmd:"" help:"List what was skipped and is not yet replayed or dropped."`
	Replay poisonReplayCommand `cmd:"" help:"Have the running handler handle an event again, or all, and say what came of it."`
	Drop   poisonDropCommand   `cmd:"" help:"Give an event up, or all."`
}

// skippedBy is what a handler has skipped.
type skippedBy struct {
	handler events.HandlerID
	state   poison.State
}

type poisonListCommand struct {
	Handler string `arg:"" optional:"" help:"The handler. Default: all."`
	JSON    bool   `name:"json" help:"Print an array of JSON."`
}

// skippedEvent is one as --json prints it.
type skippedEvent struct {
	Handler events.HandlerID `json:"handler"`
	events.EventReference
	Cause    string    `json:"cause"`
	Attempts int       `json:"attempts"`
	Skipped  time.Time `json:"skipped"`
	Asked    bool      `json:"asked"`
}

// Run prints a line an event, the first skipped first.
func (l *poisonListCommand) Run(ctx context.Context, t *terminal, c *feedCommand) (err error) {
	var id events.HandlerID
	if l.Handler != "" {
		if id, err = events.ParseHandlerID(l.Handler); err != nil {
			return err
		}
	}
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var all []skippedBy
	if id == "" {
		all, err = allSkipped(ctx, store)
	} else {
		all = []skippedBy{{handler: id}}
		all[0].state, err = skipped(ctx, store, id)
	}
	if err != nil {
		return err
	}
	found := []skippedEvent{}
	for _, by := range all {
		for _, h := range by.state.Held {
			found = append(found, skippedEvent{Handler: by.handler, EventReference: h.Event, Cause: h.Cause, Attempts: h.Attempts, Skipped: h.At, Asked: h.Asked})
		}
	}
	if l.JSON {
		written := json.NewEncoder(t.out)
		written.SetIndent("", "  ")
		return written.Encode(found)
	}
	return printSkipped(t, found)
}

func printSkipped(t *terminal, found []skippedEvent) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(t.out, "nothing is skipped")
		return err
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HANDLER\tEVENT\tTYPE\tOF\tPOSITION\tSKIPPED\tATTEMPTS\tCAUSE\tREPLAY")
	for _, s := range found {
		replay := "-"
		if s.Asked {
			replay = "asked"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s@%d\t%d\t%s\t%d\t%s\t%s\n", s.Handler, s.Event, legible(s.Type), legible(string(s.Stream)), s.Revision,
			s.Position, s.Skipped.Local().Format(time.DateTime), s.Attempts, legible(s.Cause), replay)
	}
	return table.Flush()
}

// legible is a name that another program has chosen as a terminal may have it.
func legible(name string) string {
	quoted := strconv.Quote(name)
	return quoted[1 : len(quoted)-1]
}

// errNothingSkipped is for a handler that has no poison, or is none.
func errNothingSkipped(id events.HandlerID) error {
	return fmt.Errorf("nothing is held that a handler %q has skipped: playcast feed poison list says what there is", id)
}

// skipped reads what a handler has skipped. An error: it never skipped anything,
// and may be none.
func skipped(ctx context.Context, store events.Store, id events.HandlerID) (poison.State, error) {
	stream := events.PoisonStream(id)
	state, err := commands.Load[poison.State](ctx, store, stream)
	if err != nil || len(state.Held) > 0 {
		return state, err
	}
	for _, err := range store.Read(ctx, stream, 0) {
		return state, err
	}
	return state, errNothingSkipped(id)
}

// allSkipped reads the log for what was skipped, by handlers' names.
func allSkipped(ctx context.Context, store events.Store) ([]skippedBy, error) {
	found := map[events.HandlerID]*skippedBy{}
	err := readLog(ctx, store, func(e events.Recorded) (err error) {
		id, is := e.Stream.Poison()
		if !is || e.Stream.Check() != nil {
			return nil
		}
		if found[id] == nil {
			found[id] = &skippedBy{handler: id}
		}
		found[id].state, _, err = commands.Follow(found[id].state, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := []skippedBy{}
	for _, id := range slices.SortedFunc(maps.Keys(found), cmp.Compare[events.HandlerID]) {
		all = append(all, *found[id])
	}
	return all, nil
}
