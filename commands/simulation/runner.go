package simulation

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// runner is a process that runs the policies. It begins at the start of the
// log; what it had known goes with it.
type runner struct {
	reactors []*delivery
	leases   *worker.Leases
	late     time.Time // until then nothing is delivered to it
	repeats  time.Time // until then what is delivered comes twice
}

// delivery is how far the log has come to one reactor.
type delivery struct {
	*commands.Reactor
	next int
	live bool
}

var silent = slog.New(slog.DiscardHandler)

func newRunner(w *world) *runner {
	handler := commands.NewHandler(w.store, w.clock)
	r := &runner{leases: worker.NewLeases()}
	for _, p := range append(w.policies(), r.leases) {
		r.reactors = append(r.reactors, &delivery{Reactor: commands.NewReactor(p, handler, w.clock, silent)})
	}
	return r
}

// follow delivers what is new. A delivery that fails is repeated the next time.
func (r *runner) follow(ctx context.Context, w *world) {
	if w.now.Before(r.late) {
		return
	}
	for _, d := range r.reactors {
		if err := d.follow(ctx, w, w.now.Before(r.repeats)); err != nil && !errors.Is(err, events.ErrUnavailable) && ctx.Err() == nil {
			w.fail(err)
		}
	}
}

// backwards is how many deliveries come again where they come twice.
const backwards = 3

func (d *delivery) follow(ctx context.Context, w *world, twice bool) error {
	from := d.next
	for d.next < len(w.log) {
		if err := d.Take(ctx, w.log[d.next]); err != nil {
			return err
		}
		d.next++
	}
	if !d.live {
		d.live = true
		return d.CaughtUp(ctx)
	}
	if twice && d.next > from {
		for _, n := range w.log[max(0, d.next-backwards):d.next] {
			if err := d.Take(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// look is what a runner does as time goes by: ask the workers whether they are
// there, and carry out what is due.
func (r *runner) look(ctx context.Context, w *world) {
	for _, h := range r.leases.Holders() {
		if w.machines.answers(w, h) {
			r.leases.Answered(h)
		} else {
			r.leases.Missed(h)
		}
	}
	r.follow(ctx, w)
	for _, d := range r.reactors {
		if !d.live || w.now.Before(r.late) {
			continue
		}
		if err := d.Look(ctx); err != nil && !errors.Is(err, events.ErrUnavailable) && ctx.Err() == nil {
			w.fail(err)
		}
	}
}
