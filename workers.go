package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// workersCommand looks after the workers of a running playcast.
type workersCommand struct {
	logFlags

	List   workersListCommand   `cmd:"" help:"List the workers: what each has, and is doing."`
	Drain  workersDrainCommand  `cmd:"" help:"Let a worker finish the sessions that it has, and give it no more."`
	Resume workersResumeCommand `cmd:"" help:"Give a worker that drains sessions again."`
}

// listed is a worker as the log tells of it.
type listed struct {
	worker.State
	name       events.WorkerID
	registered events.WorkerRegistered
	last       events.Event // of its coming and going
}

func (l *listed) follow(recorded events.Recorded) error {
	state, event, err := commands.Follow(l.State, recorded)
	if err != nil {
		return err
	}
	l.State = state
	switch e := event.(type) {
	case events.WorkerRegistered:
		l.registered, l.last = e, e
	case events.WorkerLost, events.WorkerStopped:
		l.last = e
	}
	return nil
}

// held is how many slots have a session.
func (l *listed) held() int { return len(held(l.State)) }

func held(s worker.State) []events.SessionID {
	return slices.DeleteFunc(slices.Clone(s.Slots), events.SessionID.IsZero)
}

// condition is what the worker is, in one word.
func (l *listed) condition() string {
	_, lost := l.last.(events.WorkerLost)
	switch {
	case lost:
		return "lost"
	case !l.Running:
		return "stopped"
	case l.Draining:
		return "draining"
	}
	return "running"
}

type workersListCommand struct{}

// Run prints a line a worker.
func (*workersListCommand) Run(ctx context.Context, t *terminal, c *workersCommand) (err error) {
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	all, err := workersOf(ctx, store)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WORKER\tSTATE\tSESSIONS\tSLOTS\tREGION\tGPU\tADDRESS\tSINCE")
	for _, w := range all {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", w.name, w.condition(), w.held(), w.registered.Slots,
			cmp.Or(w.registered.Region, "-"), cmp.Or(w.registered.GPU, "-"),
			cmp.Or(w.registered.Address, "with its gateway"), w.registered.At.Local().Format(time.DateTime))
	}
	return table.Flush()
}

// workersOf reads the log for every worker that there was, by name.
func workersOf(ctx context.Context, store events.Store) ([]*listed, error) {
	found := map[events.Stream]*listed{}
	err := readLog(ctx, store, func(e events.Recorded) error {
		name, is := strings.CutPrefix(string(e.Stream), "worker-")
		if !is {
			return nil
		}
		if found[e.Stream] == nil {
			found[e.Stream] = &listed{name: events.WorkerID(name)}
		}
		return found[e.Stream].follow(e)
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *listed) int { return cmp.Compare(a.name, b.name) }), nil
}

type workersDrainCommand struct {
	Name string `arg:"" help:"The worker's name."`
	Wait bool   `help:"Return when its last session has ended: then it can be stopped."`
}

// Run drains a worker, and waits for that to be done where it is asked to.
func (d *workersDrainCommand) Run(ctx context.Context, t *terminal, c *workersCommand) error {
	id, err := events.ParseWorkerID(d.Name)
	if err != nil {
		return err
	}
	return c.steer(ctx, commands.Issue(worker.Drain{Worker: id}, byOperator()), func(store events.Store) error {
		state, err := stateOfWorker(ctx, store, id)
		if err != nil {
			return err
		}
		left := len(held(state))
		fmt.Fprintf(t.out, "%s drains: %s left\n", id, counted(left, "session"))
		if !d.Wait || left == 0 {
			return nil
		}
		if err := awaitDrained(ctx, store, id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "%s has drained\n", id)
		return err
	})
}

// errResumed ends the wait for a worker to drain.
var errResumed = errors.New("the worker has been resumed: it gets sessions again")

// awaitDrained returns when a worker that drains has no session any more, or is
// gone.
func awaitDrained(ctx context.Context, store events.Store, id events.WorkerID) error {
	for {
		state, err := stateOfWorker(ctx, store, id)
		switch {
		case err != nil:
			return err
		case !state.Running || len(held(state)) == 0:
			return nil
		case !state.Draining:
			return errResumed
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

type workersResumeCommand struct {
	Name string `arg:"" help:"The worker's name."`
}

// Run resumes a worker.
func (r *workersResumeCommand) Run(ctx context.Context, t *terminal, c *workersCommand) error {
	id, err := events.ParseWorkerID(r.Name)
	if err != nil {
		return err
	}
	return c.steer(ctx, commands.Issue(worker.Resume{Worker: id}, byOperator()), func(events.Store) error {
		_, err := fmt.Fprintf(t.out, "%s gets sessions again\n", id)
		return err
	})
}

// steer carries out an order on a worker, and what follows.
func (c *workersCommand) steer(ctx context.Context, order commands.Order, then func(events.Store) error) (err error) {
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if _, err := commands.NewHandler(store, time.Now).Do(ctx, order); err != nil {
		return err
	}
	return then(store)
}

func byOperator() commands.Origin { return commands.By(events.BySystem("operator")) }

// counted is a number of things in words: "1 session", "2 sessions".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
