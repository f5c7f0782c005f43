package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// TestLeases asks workers that answer in every way, and wants those lost that
// are gone, in time, and no others.
func TestLeases(t *testing.T) {
	silent := func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	for _, c := range []struct {
		name  string
		after time.Duration // the worker answers like that from then on
		ask   func(context.Context) (string, error)
		wait  time.Duration // from then on
		lost  bool
	}{
		{"a worker that answers", 0, func(context.Context) (string, error) { return "first", nil }, time.Hour, false},
		{"one that is gone", 10 * time.Second, func(context.Context) (string, error) { return "", errors.New("connection refused") }, 1500 * time.Millisecond, true},
		{"one that is silent", 10 * time.Second, silent, 3500 * time.Millisecond, true},
		{"one whose address another has", 10 * time.Second, func(context.Context) (string, error) { return "second", nil }, 1500 * time.Millisecond, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				policy := worker.NewLeases()
				l := newLeases("worker", &policy.Leases, nil, slog.New(slog.DiscardHandler))
				l.ask = func(ctx context.Context, _ string) (string, error) {
					if time.Since(began) < c.after {
						return "first", nil
					}
					return c.ask(ctx)
				}
				policy.Evolve(commands.Noted{Event: events.WorkerRegistered{Worker: "w", Incarnation: "first", Address: "w:1", Slots: 1}})
				ctx, cancel := context.WithCancel(t.Context())
				var group sync.WaitGroup
				group.Go(func() { l.keep(ctx) })
				time.Sleep(c.after)
				if due := policy.Due(time.Now()); len(due) != 0 {
					t.Errorf("lost early: %v", due)
				}
				time.Sleep(c.wait)
				if due := policy.Due(time.Now()); len(due) > 0 != c.lost {
					t.Errorf("%s later, due is %v", c.wait, due)
				}
				cancel()
				group.Wait()
			})
		})
	}
}
