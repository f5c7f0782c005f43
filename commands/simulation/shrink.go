package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
)

// Failure is a history that must never be, and the shortest one found that
// shows the same.
type Failure struct {
	Violation
	Seed    uint64
	Players []int
	Workers []int
	Faults  []string
	// History is what the violated streams hold, in its order.
	History []events.Recorded
	// Simulations is how many it took to get there.
	Simulations int
}

func (f *Failure) Unwrap() error { return &f.Violation }

func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %s\n", f.Seed, f.Violation.Error())
	fmt.Fprintf(&b, "it takes %d players and %d workers", len(f.Players), len(f.Workers))
	if len(f.Faults) > 0 {
		fmt.Fprintf(&b, ", and\n  %s", strings.Join(f.Faults, "\n  "))
	}
	b.WriteString("\nthe history:\n")
	for _, r := range f.History {
		fmt.Fprintf(&b, "  %s  %s@%d  %s  %s\n", r.Time.Format(time.RFC3339Nano), r.Stream, r.Revision, r.Type, r.Data)
	}
	return strings.TrimRight(b.String(), "\n")
}

// The bounds of a search for a shorter history: it is for people who wait.
const (
	mostTries  = 300
	mostSearch = 5 * time.Minute
)

// shrink searches for the least that still violates the same invariant, by
// delta debugging: it leaves out ever smaller parts of the players, which makes
// what follows quick, the workers and the faults, and all that comes after the
// violation. Its error is a *Failure.
func shrink(ctx context.Context, s scenario, violation *Violation) error {
	search := &search{best: s, shown: violation, deadline: time.Now().Add(mostSearch)}
	search.best.Events, search.best.Progress = 0, nil
	search.fails(ctx, search.best)
	for smaller := true; smaller; {
		before := search.best.size()
		without(search.best.players, func(kept []int) bool {
			c := search.best
			c.players = kept
			return search.fails(ctx, c)
		})
		without(search.best.workers, func(kept []int) bool {
			c := search.best
			c.workers = kept
			return search.fails(ctx, c)
		})
		without(search.best.faults, func(kept []fault) bool {
			c := search.best
			c.faults = kept
			return search.fails(ctx, c)
		})
		smaller = search.best.size() < before
	}
	return search.failure(ctx)
}

func (s scenario) size() int { return len(s.faults) + len(s.players) + len(s.workers) }

// search is what a search for a shorter history has found.
type search struct {
	best     scenario
	shown    *Violation
	world    *world // that shows it; nil: none yet
	tries    int
	deadline time.Time // of the real time
}

// fails says whether a scenario still shows it, and keeps one that does.
func (s *search) fails(ctx context.Context, c scenario) bool {
	if s.tries >= mostTries || time.Now().After(s.deadline) || ctx.Err() != nil {
		return false
	}
	s.tries++
	w, err := simulate(ctx, c)
	var v *Violation
	if !errors.As(err, &v) || v.Invariant != s.shown.Invariant {
		return false
	}
	s.best, s.shown, s.world = c, v, w
	if v.At.Before(c.until) {
		s.best.until = v.At
	}
	return true
}

func (s *search) failure(ctx context.Context) error {
	failure := &Failure{Violation: *s.shown, Seed: s.best.Seed, Players: s.best.players, Workers: s.best.workers, Simulations: s.tries}
	for _, f := range s.best.faults {
		failure.Faults = append(failure.Faults, f.String())
	}
	if s.world == nil {
		return failure
	}
	for r, err := range s.world.history().All(ctx) {
		if err != nil {
			return errors.Join(failure, err)
		}
		if slices.Contains(s.shown.Streams, r.Stream) {
			failure.History = append(failure.History, r)
		}
	}
	return failure
}

// without leaves out parts of a list, halves first and single ones last, as long
// as what is kept still fails.
func without[T any](all []T, fails func([]T) bool) {
	for size := len(all); size > 0; size = min(size/2, len(all)) {
		for from := 0; from < len(all); {
			kept := slices.Concat(all[:from], all[min(from+size, len(all)):])
			if fails(kept) {
				all = kept
			} else {
				from += size
			}
		}
	}
}
