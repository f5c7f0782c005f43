package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	eventstore "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/simulation"
	"github.com/playcast/playcast/events/history"
	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/projections/ledger"
)

// simulateCommand lives through days of a platform in seconds. With --events it
// also writes what was recorded into an event store.
type simulateCommand struct {
	Seed    uint64 `default:"1" help:"One seed makes one history."`
	Players int    `default:"2000" help:"How many come and go."`
	Workers int    `default:"40" help:"How many streamer workers there are."`
	Days    int    `default:"7" help:"How long it goes on."`
	Calm    bool   `help:"Nothing goes wrong."`

	Events     int    `placeholder:"N" help:"Write the first N events into an event store, however many days they take."`
	Data       string `default:"./data" type:"path" help:"With --events: the data directory whose event store gets them, stopped or running." env:"PLAYCAST_DATA"`
	EventStore string `name:"eventstore" placeholder:"esdb://…" help:"With --events: the event store that gets them, instead."`
	JSON       bool   `name:"json" help:"Print the report as one JSON object."`
}

// Run prints the report, or the shortest history found of what must never be.
func (c *simulateCommand) Run(ctx context.Context, t *terminal) error {
	defer debug.SetGCPercent(debug.SetGCPercent(200)) // what is kept only grows: to look through it less often is quicker
	config := simulation.Config{
		Seed: c.Seed, Players: c.Players, Workers: c.Workers, Days: c.Days, Events: c.Events, Calm: c.Calm, Books: newBooks,
		Progress: func(days, count int) { t.log.Info("simulated", "days", days, "events", count) },
	}
	if err := config.Validate(); err != nil {
		return err
	}
	to, err := c.destination(ctx, t) // before it takes a minute to have something to write
	if err != nil {
		return err
	}
	began := time.Now()
	report, recorded, err := simulation.Run(ctx, config)
	took := time.Since(began)
	if err == nil && c.Events > 0 {
		err = c.write(ctx, t, recorded, to)
	}
	if err := errors.Join(err, to.close()); err != nil {
		return err
	}
	if c.JSON {
		out, err := json.Marshal(simulated{Report: report, Took: took.Seconds()})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "%s\n", out)
		return err
	}
	return printSimulated(t, report, took)
}

// books are the ledger's, which the simulation can't know by itself.
type books struct{ ledger.Books }

func newBooks() simulation.Books { return &books{} }

func (b *books) Balances() []simulation.Balance {
	var balances []simulation.Balance
	for _, row := range b.TrialBalance() {
		balances = append(balances, simulation.Balance{Account: string(row.Account), Amount: row.Amount})
	}
	return balances
}

// simulated is a report as it is printed.
type simulated struct {
	simulation.Report
	Took float64 `json:"took_s"`
}

// destination is the store that the history is written to, the files of a stopped
// one or one that runs; the zero value is none.
type destination struct {
	directory *node.Directory
	remote    *eventstore.Client
}

// destination opens the store that is meant, where one is, and has it answer.
func (c *simulateCommand) destination(ctx context.Context, t *terminal) (d destination, err error) {
	if c.Events == 0 {
		return d, nil
	}
	if d.directory, d.remote, err = (&storeCommand{Data: c.Data}).either(t, c.EventStore, false); err != nil || d.remote == nil {
		return d, err
	}
	answer, err := d.remote.ReadAll(ctx, eventstore.ReadAllOptions{From: eventstore.Start{}}, 1)
	if err != nil {
		return d, errors.Join(fmt.Errorf("the event store does not answer: start it, or name another with --eventstore or --data: %w", err), d.close())
	}
	answer.Close()
	return d, nil
}

func (d destination) close() error {
	switch {
	case d.remote != nil:
		return d.remote.Close()
	case d.directory != nil:
		return d.directory.Close()
	}
	return nil
}

// write appends the history to a store: to the files of a stopped one, which keep
// the times, or over the protocol. Events that are there already are passed over,
// so it can be repeated.
func (c *simulateCommand) write(ctx context.Context, t *terminal, recorded simulation.History, into destination) error {
	from, to := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := c.send(ctx, t, recorded, to)
		sent <- errors.Join(err, to.CloseWithError(err))
	}()
	var counts history.Counts
	var err error
	if into.remote != nil {
		counts, err = history.Import(ctx, history.NewReader(from), into.remote, false)
	} else {
		counts, err = into.directory.Import(ctx, history.NewReader(from))
	}
	err = errors.Join(err, from.Close(), <-sent)
	if err != nil {
		return fmt.Errorf("after %d events: %w (repeat it when that is mended: what is there is passed over)", counts.Written+counts.Present, err)
	}
	t.log.Info("written", "events", counts.Written, "present", counts.Present)
	return nil
}

// told is after how many events the writing tells of itself.
const told = 100_000

func (c *simulateCommand) send(ctx context.Context, t *terminal, recorded simulation.History, to io.Writer) error {
	lines, count := history.NewWriter(to), 0
	for r, err := range recorded.All(ctx) {
		if err != nil {
			return err
		}
		if count == c.Events {
			break
		}
		if err := lines.Write(history.Event{
			Stream: string(r.Stream), Revision: int64(r.Revision), Position: uint64(r.Position), ID: uuid.UUID(r.ID), Type: r.Type, JSON: true,
			Created: r.Time, Metadata: r.Metadata, Data: r.Data,
		}); err != nil {
			return err
		}
		if count++; count%told == 0 {
			t.log.Info("write", "events", count, "of", c.Events)
		}
	}
	return lines.Flush()
}

// printSimulated writes for people.
func printSimulated(t *terminal, r simulation.Report, took time.Duration) error {
	lines := []string{
		fmt.Sprintf("seed %d: %d players and %d workers for %d days, in %v", r.Seed, r.Players, r.Workers, r.Days, took.Round(10*time.Millisecond)),
		fmt.Sprintf("%d events, %d sessions, %.1f hours played and %.1f metered", r.Events, r.Sessions, r.PlayedHours, r.MeteredHours),
	}
	for _, priority := range slices.Sorted(maps.Keys(r.LongestWait)) {
		lines = append(lines, fmt.Sprintf("longest wait, priority %s: %v", priority, seconds(r.LongestWait[priority])))
	}
	lines = append(lines,
		fmt.Sprintf("%d gave up in the queue; the latest deadline was kept %v late", r.GaveUp, seconds(r.PastDeadlines)),
		fmt.Sprintf("%d appends came too late, %d orders were held up by the store; the policies' runner changed %d times",
			r.Trouble.Conflicts, r.Trouble.Held, r.Trouble.Shifts))
	lines = append(lines, fmt.Sprintf("%d friendships; %d lobbies, which started %d times; of %d players with a guardian none played on for longer than %v",
		r.Together.Friendships, r.Together.Lobbies, r.Together.Starts, r.Together.Wards, seconds(r.Together.PastAllowance)))
	lines = append(lines, printedBooks(r.Books)...)
	for _, of := range []struct {
		title  string
		counts map[string]int
	}{{"ends", r.Ends}, {"faults", r.Trouble.Faults}, {"refusals", r.Trouble.Refusals}} {
		lines = append(lines, of.title+":")
		for _, name := range slices.Sorted(maps.Keys(of.counts)) {
			lines = append(lines, fmt.Sprintf("  %6d  %s", of.counts[name], name))
		}
	}
	lines = append(lines, "every invariant holds")
	for _, line := range lines {
		if _, err := fmt.Fprintln(t.out, line); err != nil {
			return err
		}
	}
	return nil
}

// printedBooks is what was charged, and what became of that.
func printedBooks(b simulation.BooksReport) []string {
	lines := []string{
		fmt.Sprintf("%d invoices, %d credit notes, %d payments, %d refunds; %d renewals; %d dunnings in vain",
			b.Invoices, b.Notes, b.Payments, b.Refunds, b.Renewals, b.Exhausted),
	}
	for _, currency := range slices.Sorted(maps.Keys(b.Charged)) {
		lines = append(lines, fmt.Sprintf("%s: %.2f charged before tax, %.2f received and kept, %.2f open",
			currency, float64(b.Charged[currency])/100, float64(b.Received[currency])/100, float64(b.Open[currency])/100))
	}
	return lines
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}
