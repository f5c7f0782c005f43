package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections"
)

// projectionsCommand looks after the read models of a running playcast.
type projectionsCommand struct {
	logFlags
	vaultFlags

	List    projectionsListCommand    `cmd:"" help:"List the views: how far each is, how far behind, and what it has stopped at."`
	Rebuild projectionsRebuildCommand `cmd:"" help:"Build views again from the start of the log, beside what is shown, compare them, and switch to them."`
	Back    projectionsBackCommand    `cmd:"" help:"Switch a view back to what it was before it was rebuilt."`
	Drop    projectionsDropCommand    `cmd:"" help:"Free what a view was before it was rebuilt; then there is no way back."`
}

// with opens what the commands work on: the log, and the database.
func (c *projectionsCommand) with(ctx context.Context, use func(*pgxpool.Pool, events.Store) error) (err error) {
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	url, err := c.reach(ctx, c.Data)
	if err != nil {
		return err
	}
	pool, err := projections.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	return use(pool, store)
}

type projectionsListCommand struct {
	JSON bool `name:"json" help:"Print one JSON array."`
}

// Run prints a line a generation.
func (l *projectionsListCommand) Run(ctx context.Context, t *terminal, c *projectionsCommand) error {
	return c.with(ctx, func(pool *pgxpool.Pool, store events.Store) error {
		first, err := projections.List(ctx, pool, store, time.Now())
		if err != nil {
			return err
		}
		if l.JSON {
			return json.NewEncoder(t.out).Encode(first)
		}
		began := time.Now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second): // between two looks, for the rate
		}
		list, err := projections.List(ctx, pool, store, time.Now())
		if err != nil {
			return err
		}
		return printProjections(t, first, list, time.Since(began))
	})
}

func printProjections(t *terminal, first, list []projections.Status, between time.Duration) error {
	before := map[string]int64{}
	for _, s := range first {
		before[fmt.Sprint(s.View, s.Generation)] = s.Events
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VIEW\tGENERATION\tSTATE\tVERSION\tPOSITION\tEVENTS\tEVENTS/S\tBEHIND\tSTOPPED AT")
	for _, s := range list {
		rate := float64(s.Events-before[fmt.Sprint(s.View, s.Generation)]) / between.Seconds()
		behind := "-"
		if s.Lag > 0 {
			behind = s.Lag.Round(time.Millisecond).String()
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%d\t%d\t%.0f\t%s\t%s\n", s.View, s.Generation, s.State, s.Version, s.Position,
			s.Events, max(rate, 0), behind, cmp.Or(s.Failed, "-"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range list {
		if s.Failed != "" {
			fmt.Fprintf(t.out, "\n%s %d: %s\n", s.View, s.Generation, s.Failure)
		}
	}
	return nil
}

type projectionsRebuildCommand struct {
	Names           []string `arg:"" optional:"" name:"view" help:"The views."`
	All             bool     `help:"Every view: the log is read once for all."`
	EvenIfDifferent bool     `help:"Switch, too, where what was built is not equal to what is shown."`
	JSON            bool     `name:"json" help:"Print one JSON array."`
}

// Run builds, compares and switches.
func (r *projectionsRebuildCommand) Run(ctx context.Context, t *terminal, c *projectionsCommand) error {
	switch {
	case r.All && len(r.Names) > 0, !r.All && len(r.Names) == 0:
		return errors.New("name the views, or give --all")
	case r.All:
		for _, view := range projections.Views() {
			r.Names = append(r.Names, view.Name())
		}
	}
	return c.with(ctx, func(pool *pgxpool.Pool, store events.Store) error {
		done, err := projections.Rebuilding{EvenIfDifferent: r.EvenIfDifferent}.Rebuild(ctx, pool, store, r.Names, t.log)
		if r.JSON {
			return errors.Join(err, json.NewEncoder(t.out).Encode(done))
		}
		for _, d := range done {
			if d.Took == 0 {
				continue // it is in the error
			}
			compared := "equal to what was shown"
			if !d.Compared {
				compared = "not compared: " + d.Reason
			}
			fmt.Fprintf(t.out, "%s: generation %d, of %d events, in %s; %s\n", d.View, d.Generation, d.Events, d.Took.Round(time.Millisecond), compared)
		}
		return err
	})
}

type projectionsBackCommand struct {
	Name string `arg:"" name:"view" help:"The view."`
}

// Run switches a view back.
func (b *projectionsBackCommand) Run(ctx context.Context, t *terminal, c *projectionsCommand) error {
	return c.with(ctx, func(pool *pgxpool.Pool, store events.Store) error {
		if err := projections.Back(ctx, pool, store, b.Name, t.log); err != nil {
			return err
		}
		_, err := fmt.Fprintf(t.out, "%s is what it was before; another back undoes this\n", b.Name)
		return err
	})
}

type projectionsDropCommand struct {
	Name string `arg:"" name:"view" help:"The view."`
}

// Run frees the previous generation of a view.
func (d *projectionsDropCommand) Run(ctx context.Context, t *terminal, c *projectionsCommand) error {
	return c.with(ctx, func(pool *pgxpool.Pool, _ events.Store) error {
		if err := projections.Drop(ctx, pool, d.Name); err != nil {
			return err
		}
		_, err := fmt.Fprintf(t.out, "%s has no previous generation any more\n", d.Name)
		return err
	})
}
